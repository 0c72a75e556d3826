"""Where things are in the archive. Equal exports share a manifest key; different ones never do.

    data/kind=K/project_id=P/WINDOW/TASK_ID.xlsx     the vendor's file, a key of its own for every task
    manifests/kind=K/project_id=P/WINDOW.json        the record readers trust, one for every window

WINDOW is `day=2026-11-20` for a whole day, `window=START--END` for any other, `snapshot=TIME` for a kind without
one; with `.filters-DIGEST` behind it when the export was filtered, so that it cannot pass for the whole. A filter that
says what leaving it out says is no filter.
"""

import hashlib
import json
import re

from workspace_exports.contracts.events import OrderedExport
from workspace_exports.exports import Window, find_export

_DIGEST_LENGTH = 16
_WHOLE_DAY = re.compile(r"day=(\d{4}-\d{2}-\d{2})\.json")


def data_key(export: OrderedExport, extension: str) -> str:
    """The vendor's file name plays no part: it may hold anything."""
    return f"data/{_place(export)}/{export.task_id}{extension}"


def manifest_key(export: OrderedExport) -> str:
    """The same for every order of the same thing, however often and by whomever it is ordered."""
    return f"manifests/{_place(export)}.json"


def manifests_prefix(kind: str, project_id: str) -> str:
    """Below it are the manifests of one kind and project."""
    return f"manifests/kind={kind}/project_id={project_id}/"


def whole_day(key: str) -> str | None:
    """The day in the key of a whole, unfiltered day's manifest; None for any other key."""
    found = _WHOLE_DAY.fullmatch(key.rpartition("/")[2])
    return found[1] if found else None


def _place(export: OrderedExport) -> str:
    return f"kind={export.kind}/project_id={export.project_id}/{_window_name(export)}{_filters_name(export)}"


def _window_name(export: OrderedExport) -> str:
    window = export.window
    if window.day:
        return f"day={window.day.isoformat()}"
    if window == Window():
        return f"snapshot={export.ordered_at:%Y%m%dT%H%M%SZ}"
    bounds = [f"{bound:%Y%m%dT%H%M%SZ}" if bound else "open" for bound in (window.start, window.end)]
    return f"window={'--'.join(bounds)}"


def _filters_name(export: OrderedExport) -> str:
    filters = find_export(export.kind).distinguishing(export.filters)
    if not filters:
        return ""
    text = json.dumps(filters, sort_keys=True, separators=(",", ":"))
    return f".filters-{hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_LENGTH]}"
