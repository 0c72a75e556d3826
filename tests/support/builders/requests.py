"""Requests for exports whose days have settled by now."""

from datetime import timedelta
from typing import Any

from workspace_exports.core.clock import to_wire, utc_now
from workspace_exports.exports import EXPORTS
from workspace_exports.exports.windows import LATE_DATA

DAY = (utc_now().date() - timedelta(days=2)).isoformat()
"""Of any kind, it has settled at any time of any day."""
NEXT_DAY = (utc_now().date() - timedelta(days=1)).isoformat()
RECORDS: dict[str, Any] = {"kind": "connection-records", "day": DAY}
ACCESS: dict[str, Any] = {"kind": "app-user-access", "day": DAY}
LONG_AGO = to_wire(utc_now() - timedelta(days=1))
HOUR_AGO = to_wire(utc_now() - timedelta(hours=1))
LAST_DAY = (utc_now() - LATE_DATA).date() - timedelta(days=1)
RANGE = {"kinds": ["connection-records"], "first_day": str(LAST_DAY - timedelta(days=2)), "last_day": str(LAST_DAY)}


def order_of(kind: str, filters: dict[str, Any]) -> dict[str, Any]:
    window = {"day": DAY} if EXPORTS[kind].window.has_days else {}
    return {"kind": kind, "filters": filters, **window}
