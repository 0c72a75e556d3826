"""Memory and time of the functions, as docs/operations.md says they were measured."""

import re
from typing import Any

import pytest

from tests.support.template.document import FUNCTIONS, ROOT, STATES, TEMPLATE

MB_OF_ONE_VCPU = 1769
"""Source: the AWS Lambda developer guide, "Configure Lambda function memory"."""
GRACE_SECONDS = 10
"""How much longer than its function a task waits: a cold start, and a call that has to wait for its turn."""
_ROW = re.compile(r"^\| `(\w+)` \| (\d+) \| ([\d.]+) \| (\d+) \|.*\| (\d+) \|$", re.MULTILINE)
MEASURED = {name: row for name, *row in _ROW.findall((ROOT / "docs" / "operations.md").read_text(encoding="utf-8"))}
"""By function: memory in MB, vCPU, seconds, and the peak in MiB."""


def memory(name: str) -> int:
    """Return a function's memory in MB."""
    size: int = FUNCTIONS[name].get("MemorySize", TEMPLATE["Globals"]["Function"]["MemorySize"])
    return size


def test_each_function_is_measured() -> None:
    assert MEASURED.keys() == FUNCTIONS.keys()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_has_the_size_it_was_measured_with(name: str) -> None:
    stated_memory, vcpu, seconds, peak = MEASURED[name]
    assert (memory(name), FUNCTIONS[name]["Timeout"]) == (int(stated_memory), int(seconds))
    assert vcpu == f"{memory(name) / MB_OF_ONE_VCPU:.2f}"
    assert int(peak) * 2 <= memory(name)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_task_outlasts_its_function_and_a_cold_start(name: str) -> None:
    arn = f"${{{name.removesuffix('Function')}}}"
    tasks: list[dict[str, Any]] = [s for _, s in STATES if s["Type"] == "Task" and s["Resource"] == arn]
    assert all(task["TimeoutSeconds"] >= FUNCTIONS[name]["Timeout"] + GRACE_SECONDS for task in tasks)
