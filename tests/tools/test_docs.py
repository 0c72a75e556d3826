"""What there is to read says what the declarations say."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator

from local.artifact import ROOT
from local.cloudformation import read_template
from local.docs import (
    COMMAND_LINE,
    DEPLOYING,
    GROUPS,
    INDEX,
    README,
    REFERENCE,
    command_line,
    decisions,
    deploying,
    openapi,
    read_decisions,
    readme,
    reference,
)
from local.openapi import DOCUMENT, describe
from workspace_exports.commands.program import COMMANDS
from workspace_exports.exports import EXPORTS


def test_the_reference_is_the_declarations_written_out() -> None:
    assert REFERENCE.read_text(encoding="utf-8") == reference(), "run: make docs"


def test_the_readme_has_every_kind() -> None:
    assert README.read_text(encoding="utf-8") == readme(), "run: make docs"
    assert all(f"(docs/exports.md#{kind})" in readme() for kind in EXPORTS)


def test_the_page_on_deploying_has_every_parameter_of_the_template() -> None:
    assert DEPLOYING.read_text(encoding="utf-8") == deploying(), "run: make docs"
    assert "| `WorkspaceRegion` | **to be given** |" in deploying()
    assert "| `Architecture` | `arm64` |" in deploying()


def test_the_page_on_the_program_has_every_command_and_option() -> None:
    assert COMMAND_LINE.read_text(encoding="utf-8") == command_line(), "run: make docs"
    assert [one.name for one in COMMANDS if f"\n### {one.name}" not in command_line()] == []
    assert "| `--at-once N` | Exports under way at a time. (default 4) |" in command_line()


def test_every_parameter_is_explained() -> None:
    for export, section in zip(EXPORTS.values(), _sections(), strict=True):
        assert section.startswith(export.kind)
        assert all(f"| `{parameter.name}` |" in section for parameter in export.parameters)


def test_every_kind_says_what_to_grant() -> None:
    actions = {section.split()[0]: section.split("\nAction: ")[1].split(".\n")[0] for section in _sections()}
    assert list(actions) == list(EXPORTS)
    assert {kind: action for kind, action in actions.items() if action != "not documented"} == {
        "connection-records": "none needed",
        "app-user-access": "`workspace:statistics:exportAppUserAccessData`",
        "desktop-usage": "none needed",
        "user-usage": "none needed",
        "hosts": "`workspace:wdh:export`",
    }


class TestTheDecisions:
    def test_the_index_has_every_decision(self) -> None:
        assert INDEX.read_text(encoding="utf-8") == decisions(), "run: make docs"
        assert [d.file.name for d in read_decisions() if f"({d.file.name})" not in decisions()] == []

    def test_are_numbered_without_a_gap_in_order_of_their_dates(self) -> None:
        found = read_decisions()
        assert [d.number for d in found] == [f"{n:04}" for n in range(1, len(found) + 1)]
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
    def test_is_the_routes_and_contracts_written_out(self) -> None:
        assert DOCUMENT.read_text(encoding="utf-8") == openapi(), "run: make docs"

    def test_is_openapi(self) -> None:
        assert list(OpenAPIV31SpecValidator(describe()).iter_errors()) == []

    def test_has_the_routes_of_the_template_and_no_other(self) -> None:
        resources = read_template(ROOT / "template.yaml")["Resources"].values()
        deployed = {one["Properties"]["RouteKey"] for one in resources if one["Type"] == "AWS::ApiGatewayV2::Route"}
        assert {f"{method.upper()} {path}" for path, method, _ in _operations()} == deployed

    def test_every_operation_is_called_by_a_name_of_its_own_and_refuses_whoever_may_not_call_it(self) -> None:
        names = [operation["operationId"] for *_, operation in _operations()]
        assert all(name.isidentifier() for name in names)
        assert len(set(names)) == len(names)
        assert all("403" in operation["responses"] for *_, operation in _operations())

    def test_knows_every_filter_of_every_kind(self) -> None:
        rules = describe()["components"]["schemas"]["StartRequest"]["allOf"]
        told = {
            rule["if"]["properties"]["kind"]["const"]: set(rule["then"]["properties"]["filters"]["properties"])
            for rule in rules
        }
        assert told == {kind: {one.name for one in export.parameters} for kind, export in EXPORTS.items()}


def _operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in describe()["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _sections() -> list[str]:
    return reference().split("\n## ")[1:]
