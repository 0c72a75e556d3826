"""The record that makes an export exist for readers of the archive."""

from typing import Literal

from pydantic import JsonValue

from workspace_exports.contracts.base import Contract, Day, ProjectId, TaskId, UtcTime

FileFormat = Literal["xlsx", "unknown"]


class ManifestWindow(Contract):
    """What the data covers; a day is spelt out too."""

    day: Day | None = None
    start_time: UtcTime | None = None
    end_time: UtcTime | None = None


class Manifest(Contract):
    """Written last, never changed: what was archived, and how to check it.

    `key` is relative to the archive's root and None for an empty export.
    """

    schema_version: Literal[1] = 1
    kind: str
    project_id: ProjectId
    window: ManifestWindow
    filters: dict[str, JsonValue]
    outcome: Literal["landed", "empty"]
    task_id: TaskId
    file_name: str | None
    key: str | None
    size_bytes: int
    sha256: str
    format: FileFormat | None
    ordered_at: UtcTime
    landed_at: UtcTime
    vendor_request_ids: dict[str, str]
