"""Records of each released version: an archive without its data objects, and events between two states."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from workspace_exports.archive.failures import Failure
from workspace_exports.archive.manifests import Manifest
from workspace_exports.archive.revocations import Revocation
from workspace_exports.archive.statements import Statement
from workspace_exports.core.contract import Record
from workspace_exports.coverage.baseline import Baseline, PlannedRange
from workspace_exports.coverage.ledger_index import _Year
from workspace_exports.coverage.plans import PlannedExport
from workspace_exports.coverage.reports import Report
from workspace_exports.orders import OrderRecord

_VERSIONS = Path(__file__).parents[2] / "data" / "records"
_V0_1 = _VERSIONS / "v0.1"
ARCHIVE = _V0_1 / "archive"
_CONTRACTS: dict[str, type[Record]] = {
    "coverage": _Year,
    "failures": Failure,
    "manifests": Manifest,
    "orders": OrderRecord,
    "plan.json": PlannedExport,
    "report.json": Report,
    "revoked": Revocation,
    "since": Baseline,
    "statements": Statement,
}
"""By the folder below the archive's root, or by name."""
_FREE = {"filters", "manifests", "vendor_request_ids"}
"""Maps whose keys are not fields."""


def event(name: str) -> dict[str, Any]:
    """What a handler of 0.1 was given or gave."""
    found: dict[str, Any] = json.loads((_V0_1 / "events" / f"{name}.json").read_text(encoding="utf-8"))
    return found


def contract_of(key: str) -> type[Record]:
    """What is kept under such a key."""
    folder, _, name = key.partition("/")
    if "/days=" in key and folder == "since":
        return PlannedRange
    return _CONTRACTS.get(name.rpartition("/")[2]) or _CONTRACTS[folder]


def records() -> Iterator[tuple[str, type[Record], dict[str, Any]]]:
    """Every record with its name and contract; of a plan, its first."""
    for file in sorted(_VERSIONS.glob("*/archive/**/*.json")):
        _, _, key = file.relative_to(_VERSIONS).as_posix().partition("/archive/")
        document = json.loads(file.read_text(encoding="utf-8"))
        yield key, contract_of(key), document[0] if isinstance(document, list) else document


def grown(document: Any, *, is_object: bool = True) -> Any:
    """The same with one more field in every object, however deep."""
    if isinstance(document, list):
        return [grown(item) for item in document]
    if not isinstance(document, dict):
        return document
    inside = {name: grown(value, is_object=name not in _FREE) for name, value in document.items()}
    return inside | {"added_later": {"by": "a later version"}} if is_object else inside


def is_within(part: Any, whole: Any) -> bool:
    """Whether the whole says all that the part does; what is null is not said."""
    if isinstance(part, dict):
        return all(value is None or (name in whole and is_within(value, whole[name])) for name, value in part.items())
    if isinstance(part, list):
        return len(part) == len(whole) and all(map(is_within, part, whole))
    return bool(part == whole)
