"""What there is to read says what the declarations say."""

from local.docs import DEPLOYING, README, REFERENCE, deploying, readme, reference
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


def _sections() -> list[str]:
    return reference().split("\n## ")[1:]
