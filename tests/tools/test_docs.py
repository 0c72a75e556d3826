"""Pages that are written from the code say what the code says."""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from local.cloudformation import read_template
from local.docs.commands import command_sections
from local.docs.decisions import GROUPS, index, read_decisions
from local.docs.deployment import parameters_table
from local.docs.errors import errors_tables
from local.docs.exports import kinds_table, reference
from local.docs.markdown import ROOT, filled
from local.docs.pages import PAGES
from local.docs.settings import settings_tables
from local.openapi import describe
from workspace_exports.commands.program import COMMANDS
from workspace_exports.core import errors
from workspace_exports.exports import EXPORTS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_is_what_the_code_says(page: Path) -> None:
    assert page.read_text(encoding="utf-8") == PAGES[page](), "run: make docs"


def test_a_page_without_its_marks_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- kinds, by make docs -->\n")
    with pytest.raises(ValueError, match="the marks of kinds are missing"):
        filled(page, "kinds", "text")


def test_every_kind_has_a_row() -> None:
    assert all(f"(docs/exports.md#{kind})" in kinds_table("docs/exports.md#") for kind in EXPORTS)


def test_every_parameter_of_the_template_has_a_row() -> None:
    assert "| `WorkspaceRegion` | **to be given** |" in parameters_table()
    assert "| `Architecture` | `arm64` |" in parameters_table()


class TestTheSettings:
    def test_every_variable_of_the_template_has_a_row_with_its_parameter(self) -> None:
        template = read_template(ROOT / "template.yaml")
        functions = [template["Globals"]["Function"]]
        functions += [one["Properties"] for one in template["Resources"].values() if one["Type"].endswith("::Function")]
        variables = {name for one in functions for name in one.get("Environment", {}).get("Variables", {})}
        assert len(variables) > 15
        rows = {row.split("`")[1]: row for row in settings_tables().splitlines() if row.startswith("| `")}
        assert variables - rows.keys() == set()
        assert [row for name, row in rows.items() if name in variables and row.endswith("|  |")] == []

    @pytest.mark.parametrize(
        "row",
        [
            "| `WORKSPACE_REGION` | **required** | text |",
            "| `POLL_SHORTEST_WAIT_SECONDS` | `5` | 1 to 300 seconds |",
            "| `ARCHIVE_RETENTION_DAYS` | `0` | at least 0 days |",
            "| `ARCHIVE_CHECKSUM` | `CRC64NVME` | `CRC64NVME` or `none` |",
            "| `DELETE_AFTER_LANDING` | `false` | `true` or `false` |",
            "| `ARCHIVE_TAGS` |  | text |",
            "| report-archive, show-coverage | `AtRiskDays` |",
            "| all | `WorkspaceProjectId` |",
            "| all but record-failure | `WorkspaceRegion` |",
        ],
    )
    def test_a_row_has_default_unit_readers_and_parameter(self, row: str) -> None:
        assert row in settings_tables()

    def test_every_row_has_a_meaning(self) -> None:
        rows = [row.split(" | ") for row in settings_tables().splitlines() if row.startswith("| `")]
        assert [row[0] for row in rows if len(row[3]) < len("the tags")] == []

    def test_no_variable_has_two_rows(self) -> None:
        names = re.findall(r"^\| `(\w+)`", settings_tables(), re.MULTILINE)
        assert len(names) == len(set(names))


class TestTheErrors:
    def test_every_class_is_a_row_or_a_section_of_its_recovery(self) -> None:
        classes = [name for name, value in vars(errors).items() if isinstance(value, type) and value.__doc__]
        known = {name for name in classes if errors.error_named(name) not in {None, errors.ExportError}}
        assert known == set(re.findall(r"^(?:### |\| `)(\w+)", errors_tables(), re.MULTILINE))

    def test_every_class_has_its_line_on_the_workflow(self) -> None:
        page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
        written = page.partition("## In the export workflow")[2]
        assert [name for name in re.findall(r"^\| `(\w+)`", errors_tables(), re.MULTILINE) if name not in written] == []

    def test_a_row_has_status_title_and_advice(self) -> None:
        assert f"| 502: The vendor refused the credentials | {errors.Unauthorized.advice} |" in errors_tables()


def test_every_command_has_a_section_with_its_options() -> None:
    assert [one.name for one in COMMANDS if f"### {one.name}" not in command_sections()] == []
    assert "| `--at-once N` | Exports under way at a time. (default 4) |" in command_sections()


def test_every_parameter_is_explained() -> None:
    for export, section in zip(EXPORTS.values(), _sections(), strict=True):
        assert section.startswith(export.kind)
        assert all(f"| `{parameter.name}` |" in section for parameter in export.parameters)


def test_every_kind_says_what_to_grant() -> None:
    actions = {section.split()[0]: section.split("\nAction: ")[1].split(".\n")[0] for section in _sections()}
    assert list(actions) == list(EXPORTS)
    newest = {kind: action.partition(";")[0] for kind, action in actions.items()}
    assert {kind: action for kind, action in newest.items() if action not in {"not documented", "none needed"}} == {
        "app-user-access": "`workspace:statistics:exportAppUserAccessData`",
        "app-user-logins": "`workspace:session:exportUserConnection`",
        "app-usage": "`workspace:session:exportAppConnection`",
        "app-sessions": "`workspace:session:exportSessions`",
        "desktop-versions": "`workspace:desktops:exportListByVersion`",
        "user-groups": "`workspace:userGroups:export`",
        "hosts": "`workspace:wdh:export`",
        "upgrade-strategies": "`workspace:upgradeStrategy:export`",
        "user-events": "`workspace:userEvents:list`",
    }


class TestTheDecisions:
    def test_the_index_has_every_decision(self) -> None:
        assert [d.file.name for d in read_decisions() if f"({d.file.name})" not in index()] == []

    def test_are_numbered_once_in_order_of_their_dates(self) -> None:
        found = read_decisions()
        assert len({d.number for d in found}) == len(found)
        assert [later.file.name for earlier, later in pairwise(found) if later.date[:10] < earlier.date[:10]] == []

    def test_have_a_group_a_status_and_three_sections(self) -> None:
        found = read_decisions()
        files = {d.file.name for d in found}
        assert [d.file.name for d in found if d.group not in GROUPS] == []
        for decision in found:
            superseded = re.fullmatch(r"superseded by \[(\d{4})\]\((\1-.+\.md)\)", decision.status)
            assert decision.status == "accepted" or (superseded and superseded[2] in files), decision.file.name
            text = decision.file.read_text(encoding="utf-8")
            assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]


class TestTheDescriptionOfTheApi:
    def test_is_openapi(self) -> None:
        assert list(OpenAPIV31SpecValidator(describe()).iter_errors()) == []

    def test_has_the_routes_of_the_template_and_no_other(self) -> None:
        resources = read_template(ROOT / "template.yaml")["Resources"].values()
        deployed = {one["Properties"]["RouteKey"] for one in resources if one["Type"] == "AWS::ApiGatewayV2::Route"}
        assert {f"{method.upper()} {path}" for path, method, _ in _operations()} == deployed

    def test_every_operation_is_called_by_a_name_of_its_own_and_has_an_answer_for_callers_without_permission(
        self,
    ) -> None:
        names = [operation["operationId"] for *_, operation in _operations()]
        assert all(name.isidentifier() for name in names)
        assert len(set(names)) == len(names)
        assert all("403" in operation["responses"] for *_, operation in _operations())

    def test_knows_every_filter_of_every_kind(self) -> None:
        rules = describe()["components"]["schemas"]["StartRequest"]["allOf"]
        documented = {
            rule["if"]["properties"]["kind"]["const"]: set(rule["then"]["properties"]["filters"]["properties"])
            for rule in rules
        }
        assert documented == {kind: {one.name for one in export.parameters} for kind, export in EXPORTS.items()}


def _operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in describe()["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _sections() -> list[str]:
    return reference().split("\n## ")[1:]
