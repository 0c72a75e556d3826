"""Exports of activity on desktops over a window of time, and of failures in streamed applications."""

from datetime import timedelta

from workspace_exports.exports.actions import NoAction
from workspace_exports.exports.declarations.common import (
    ENTERPRISE_PROJECT_ID,
    SORT_TYPE_NEEDS_FIELD,
    language,
    sorting,
)
from workspace_exports.exports.dependencies import NotAbove
from workspace_exports.exports.export import Export
from workspace_exports.exports.parameters import Integer, Text
from workspace_exports.exports.windows import LATE_DATA, Bounds, WindowRule

_AGGREGATED = timedelta(hours=14) + LATE_DATA
"""Time until a day of usage is complete. The vendor adds it up at 02:00 of the next day, in a zone it does not name.

In UTC-12, the latest zone, that is 14:00 UTC.
"""

ACTIVITY_EXPORTS = (
    Export(
        kind="connection-records",
        meaning="connections of users to desktops, failed ones included",
        operation="ExportUserConnectionNew",
        method="GET",
        path="/v3/{project_id}/desktops/connections/export",
        action=NoAction.NEEDED,
        window=WindowRule(Bounds.AT_LEAST_ONE, last_days=30),
        parameters=(
            Text(name="user_name", meaning="user who logged in to the desktop"),
            Text(name="computer_name", meaning="computer name, as the operating system has it"),
            Text(name="terminal_type", meaning="system of the terminal, for example Windows 10; fuzzy"),
            language(default="en_US"),
            Integer(name="min_e2e_rtt", meaning="smallest end-to-end latency"),
            Integer(name="max_e2e_rtt", meaning="largest end-to-end latency"),
            ENTERPRISE_PROJECT_ID,
            Text(name="public_ip", meaning="egress address of the client"),
            Text(name="domain", meaning="domain of the user; newer than the vendor's reference page"),
        ),
        dependencies=(NotAbove("min_e2e_rtt", "max_e2e_rtt"),),
    ),
    Export(
        kind="app-user-access",
        meaning="users' access to streamed applications, and their failures",
        operation="ExportAppUserAccessData",
        method="POST",
        path="/v2/{project_id}/statistics/metrics/app-user-access/export",
        action="workspace:statistics:exportAppUserAccessData",
        content_type="application/json;charset=utf-8",
        window=WindowRule(Bounds.BOTH, last_days=30),
        parameters=(
            Text(name="username", meaning="user; fuzzy"),
            *sorting("access_failed_count", "last_access_failed_time"),
        ),
        dependencies=(SORT_TYPE_NEEDS_FIELD,),
    ),
    Export(
        kind="desktop-usage",
        meaning="how long each desktop was used and idle",
        operation="ExportDesktopUsageMetricNew",
        method="GET",
        path="/v3/{project_id}/statistics/metrics/desktops/export",
        action=NoAction.NEEDED,
        window=WindowRule(Bounds.BOTH, last_days=180, settles_after=_AGGREGATED),
        parameters=(
            Text(name="resource_name", meaning="desktop name; fuzzy"),
            Text(name="resource_id", meaning="desktop id; exact"),
            Integer(name="min_idle_days", meaning="fewest idle days"),
            Integer(name="max_idle_days", meaning="most idle days"),
            Integer(name="usage_min_hours", meaning="fewest hours of use"),
            Integer(name="usage_max_hours", meaning="most hours of use"),
            ENTERPRISE_PROJECT_ID,
            *sorting("desktop_usage", "desktop_idle_duration"),
        ),
        dependencies=(
            NotAbove("min_idle_days", "max_idle_days"),
            NotAbove("usage_min_hours", "usage_max_hours"),
            SORT_TYPE_NEEDS_FIELD,
        ),
    ),
    Export(
        kind="user-usage",
        meaning="how long each user used desktops",
        operation="ExportUserUsageMetricNew",
        method="GET",
        path="/v3/{project_id}/statistics/metrics/users/export",
        action=NoAction.NEEDED,
        # The vendor documents the nightly job for desktops only. Waiting for it here too delays the day; not waiting
        # might archive half a day forever.
        window=WindowRule(Bounds.BOTH, last_days=30, settles_after=_AGGREGATED),
        parameters=(
            Text(name="username", meaning="user; fuzzy"),
            Integer(name="usage_min_hours", meaning="fewest hours of use"),
            Integer(name="usage_max_hours", meaning="most hours of use"),
            ENTERPRISE_PROJECT_ID,
            *sorting("user_usage"),
        ),
        dependencies=(NotAbove("usage_min_hours", "usage_max_hours"), SORT_TYPE_NEEDS_FIELD),
    ),
)
