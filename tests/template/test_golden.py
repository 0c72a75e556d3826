"""The template as AWS's transform leaves it, compared with a golden: a refactoring of the YAML changes no resource."""

import json
import os
from typing import Any

from local.artifact import ROOT

GOLDEN = ROOT / "tests" / "data" / "template.json"
WIDTH = 120


def written(node: Any, indent: str = "", used: int = 0) -> str:
    """JSON with sorted keys, in which all that fits on a line stands on one; `used` is what stands before it."""
    line = json.dumps(node, sort_keys=True, ensure_ascii=False)
    if not isinstance(node, dict | list) or len(indent) + used + len(line) < WIDTH:
        return line
    inner = f"{indent} "
    if isinstance(node, list):
        parts = [f"{inner}{written(item, inner)}" for item in node]
    else:
        keys = {key: f"{json.dumps(key)}: " for key in sorted(node)}
        parts = [f"{inner}{name}{written(node[key], inner, len(name))}" for key, name in keys.items()]
    first, last = "[]" if isinstance(node, list) else "{}"
    return "\n".join([first, ",\n".join(parts), f"{indent}{last}"])


def normalised(document: dict[str, Any]) -> dict[str, Any]:
    """The document with each state machine as it is read, not as the lines that the transform joins."""
    resources = {name: dict(resource) for name, resource in document["Resources"].items()}
    for machine in resources.values():
        if machine["Type"] == "AWS::StepFunctions::StateMachine":
            properties = dict(machine["Properties"])
            separator, lines = properties.pop("DefinitionString")["Fn::Join"]
            machine["Properties"] = properties | {"DefinitionString": json.loads(separator.join(lines))}
    return document | {"Resources": resources}


def test_the_processed_template_is_the_golden_one(release: dict[str, Any]) -> None:
    text = written(normalised(release)) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert GOLDEN.read_text(encoding="utf-8").splitlines() == text.splitlines(), (
        "compare after UPDATE_GOLDEN=1: a refactoring changes nothing here"
    )


def test_the_golden_form_is_the_document(release: dict[str, Any]) -> None:
    assert json.loads(written(release)) == release
