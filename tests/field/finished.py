"""An export that the vendor has finished, for tests that only fetch it."""

from typing import Any

from local.standin.accounts import DEMO_PROJECT_ID
from tests.support.builders.requests import RECORDS
from workspace_exports.core.clock import to_wire, utc_now


def ordered() -> dict[str, Any]:
    """As start-export returns it."""
    return RECORDS | {"project_id": DEMO_PROJECT_ID, "task_id": "t", "ordered_at": to_wire(utc_now())}


def finished(file_name: str = "records.xlsx") -> dict[str, Any]:
    """As poll-status returns it, once the file is there."""
    return ordered() | {"status": "SUCCESS", "file_name": file_name}
