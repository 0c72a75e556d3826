"""The record that makes an export exist for readers of the archive."""

from typing import Literal

from pydantic import Field, JsonValue

from workspace_exports.core.contract import Contract, Day, ProjectId, Record, TaskId, UtcTime

FileFormat = Literal["xlsx", "zip", "csv", "unknown"]

SCHEMA_VERSION = 1
"""A manifest of a later one may name objects that this version does not see."""


class ManifestWindow(Contract):
    """What the data covers; a day is spelt out too."""

    day: Day | None = None
    start_time: UtcTime | None = None
    end_time: UtcTime | None = None


class Manifest(Record):
    """Written last, never changed: what was archived, and how to check it.

    `key` is relative to the archive's root and None for an empty export; `format` is one of `FileFormat`, or a later
    version's word. `settled` says that the vendor could have nothing more of the window when it was ordered; for a
    snapshot, an open side, or a day asked for early, it is false. `note` says what is unusual about it: why it counts
    as empty, or of what other type than its name the file is. `correlation_id` is that of the log's lines about the
    export that landed.
    """

    schema_version: int = Field(default=SCHEMA_VERSION, ge=1)
    kind: str
    project_id: ProjectId
    window: ManifestWindow
    filters: dict[str, JsonValue]
    settled: bool = False
    outcome: Literal["landed", "empty"]
    task_id: TaskId
    file_name: str | None
    key: str | None
    size_bytes: int
    sha256: str
    format: str | None
    ordered_at: UtcTime
    landed_at: UtcTime
    vendor_request_ids: dict[str, str]
    correlation_id: str | None = None
    note: str | None = None
