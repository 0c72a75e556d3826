"""The program as tests run it: in this process, and without the waits of an export."""

import pytest

from workspace_exports.commands.program import main


def run(*arguments: str) -> int:
    """Run one command, and return its exit code."""
    return main(arguments)


def without_waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let every wait of an export workflow end at once; the list holds how long they would be."""
    waited: list[float] = []
    monkeypatch.setattr(
        "workspace_exports.commands.export_workflow.wait_unless", lambda _, seconds: waited.append(seconds)
    )
    return waited
