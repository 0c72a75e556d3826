"""Where things are in the archive. Equal exports share a manifest key; different ones never do.

    data/kind=K/project_id=P/WINDOW/TASK_ID-NONCE.xlsx   the vendor's file, a key of its own for every fetch
    manifests/kind=K/project_id=P/WINDOW.json            the record readers trust, one for every window
    orders/project_id=P/date=DAY/TIME-kind=K-NONCE.json  the order book, one record for every order

WINDOW is `day=2026-11-20` for a whole day, `window=START--END` for any other, `snapshot=TIME` for a kind without one.
With an open side, `.ordered-TIME` follows: what that covers depends on when it was asked for. A filtered export has
`.filters-DIGEST`, so that it cannot pass for the whole; a filter that says what leaving it out says is no filter.
"""

import hashlib
import json
import re
import secrets
from datetime import date, datetime

from workspace_exports.contracts.events import OrderedExport
from workspace_exports.exports import Window, find_export

_DIGEST_LENGTH = 16
_NONCE_BYTES = 4
_PARTITIONED = re.compile(r"(?:data|manifests)/(kind=[^/]+/project_id=[^/]+)/")
_DATA = re.compile(r"data/(kind=[^/]+/project_id=[^/]+/[^/]+)/[^/]+")
_WHOLE_DAY = re.compile(r"day=(\d{4}-\d{2}-\d{2})\.json")


def new_nonce() -> str:
    """What keeps apart what would otherwise share a key."""
    return secrets.token_hex(_NONCE_BYTES)


def data_key(export: OrderedExport, nonce: str, extension: str) -> str:
    """The vendor's file name plays no part: it may hold anything.

    The nonce keeps two fetches of one task apart: the later one must not write over what a manifest names.
    """
    return f"data/{_place(export)}/{export.task_id}-{nonce}{extension}"


def manifest_key(export: OrderedExport) -> str:
    """The same for every order of the same thing, however often and by whomever it is ordered."""
    return f"manifests/{_place(export)}.json"


def manifests_prefix(kind: str, project_id: str) -> str:
    """Below it are the manifests of one kind and project."""
    return f"manifests/kind={kind}/project_id={project_id}/"


def partition_of(key: str) -> str | None:
    """`kind=K/project_id=P`, which a data object shares with the manifest that may name it; None for any other key."""
    found = _PARTITIONED.match(key)
    return found[1] if found else None


def manifest_key_beside(data_key: str) -> str | None:
    """The one manifest that may name the data object; None for a key that no manifest may name."""
    found = _DATA.fullmatch(data_key)
    return f"manifests/{found[1]}.json" if found else None


def orders_prefix(project_id: str, day: date) -> str:
    """Below it are the orders of one project that began on that day, by time."""
    return f"orders/project_id={project_id}/date={day}/"


def order_prefix(project_id: str, began_at: datetime) -> str:
    """Every order of the project that began at that second or later on that day sorts behind it."""
    return f"{orders_prefix(project_id, began_at.date())}{began_at:%H%M%S}"


def order_key(project_id: str, kind: str, began_at: datetime, nonce: str) -> str:
    """A key of its own for every order."""
    return f"{order_prefix(project_id, began_at)}-kind={kind}-{nonce}.json"


def whole_day(key: str) -> date | None:
    """The day in the key of a whole, unfiltered day's manifest; None for any other key."""
    found = _WHOLE_DAY.fullmatch(key.rpartition("/")[2])
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


def _place(export: OrderedExport) -> str:
    return f"kind={export.kind}/project_id={export.project_id}/{_window_name(export)}{_filters_name(export)}"


def _window_name(export: OrderedExport) -> str:
    window = export.window
    if window.day:
        return f"day={window.day.isoformat()}"
    if window == Window():
        return f"snapshot={export.ordered_at:%Y%m%dT%H%M%SZ}"
    bounds = [f"{bound:%Y%m%dT%H%M%SZ}" if bound else "open" for bound in (window.start, window.end)]
    name = f"window={'--'.join(bounds)}"
    return f"{name}.ordered-{export.ordered_at:%Y%m%dT%H%M%SZ}" if "open" in bounds else name


def _filters_name(export: OrderedExport) -> str:
    filters = find_export(export.kind).distinguishing(export.filters)
    if not filters:
        return ""
    text = json.dumps(filters, sort_keys=True, separators=(",", ":"))
    return f".filters-{hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_LENGTH]}"
