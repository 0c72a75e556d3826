"""What there is to read says what the declarations say."""

from local.docs import README, REFERENCE, readme, reference
from workspace_exports.exports import EXPORTS


def test_the_reference_is_the_declarations_written_out() -> None:
    assert REFERENCE.read_text(encoding="utf-8") == reference(), "run: make docs"


def test_the_readme_has_every_kind() -> None:
    assert README.read_text(encoding="utf-8") == readme(), "run: make docs"
    assert all(f"(docs/exports.md#{kind})" in readme() for kind in EXPORTS)


def test_every_parameter_is_explained() -> None:
    sections = reference().split("\n## ")[1:]
    for export, section in zip(EXPORTS.values(), sections, strict=True):
        assert section.startswith(export.kind)
        assert all(f"| `{parameter.name}` |" in section for parameter in export.parameters)
