"""Table of the template's parameters."""

from typing import Any

from local.cloudformation import read_template
from local.docs.markdown import ROOT, table


def parameters_table() -> str:
    """Return the parameters with their defaults and descriptions."""
    parameters = read_template(ROOT / "template.yaml")["Parameters"]
    return table(("parameter", "default", "meaning"), (_row(name, declared) for name, declared in parameters.items()))


def _row(name: str, declared: dict[str, Any]) -> tuple[str, ...]:
    if "Default" not in declared:
        return f"`{name}`", "**to be given**", declared["Description"]
    return f"`{name}`", f"`{declared['Default']}`" if declared["Default"] != "" else "", declared["Description"]
