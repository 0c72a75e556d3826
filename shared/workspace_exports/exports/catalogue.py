"""The exports, one declaration each. A further one costs one further declaration."""

from workspace_exports.errors import Rejected
from workspace_exports.exports.export import Export
from workspace_exports.exports.parameters import Integer, Needs, NotAbove, Text
from workspace_exports.exports.windows import Bounds, WindowRule
from workspace_exports.quoting import quoted

CONNECTION_RECORDS = Export(
    kind="connection-records",
    operation="ExportUserConnectionNew",
    method="GET",
    path="/v3/{project_id}/desktops/connections/export",
    window=WindowRule(Bounds.AT_LEAST_ONE, last_days=30),
    parameters=(
        Text(name="user_name", meaning="user who logged in to the desktop"),
        Text(name="computer_name", meaning="computer name, as the operating system has it"),
        Text(name="terminal_type", meaning="system of the terminal, for example Windows 10; fuzzy"),
        Text(name="language", meaning="language of the exported records", allowed=("zh_CN", "en_US")),
        Integer(name="min_e2e_rtt", meaning="smallest end-to-end latency"),
        Integer(name="max_e2e_rtt", meaning="largest end-to-end latency"),
        Text(name="enterprise_project_id", meaning="enterprise project"),
        Text(name="public_ip", meaning="egress address of the client"),
    ),
    dependencies=(NotAbove("min_e2e_rtt", "max_e2e_rtt"),),
)

APP_USER_ACCESS = Export(
    kind="app-user-access",
    operation="ExportAppUserAccessData",
    method="POST",
    path="/v2/{project_id}/statistics/metrics/app-user-access/export",
    content_type="application/json;charset=utf-8",
    window=WindowRule(Bounds.BOTH, last_days=30),
    parameters=(
        Text(name="username", meaning="user; fuzzy"),
        Text(
            name="sort_field", meaning="metric to sort by", allowed=("access_failed_count", "last_access_failed_time")
        ),
        Text(name="sort_type", meaning="direction of sorting", allowed=("DESC", "ASC")),
    ),
    dependencies=(Needs("sort_type", "sort_field"),),
)

EXPORTS = {export.kind: export for export in (CONNECTION_RECORDS, APP_USER_ACCESS)}


def find_export(kind: str) -> Export:
    """The declaration of one kind.

    Raises:
        Rejected: there is no such kind; the text lists those there are.
    """
    try:
        return EXPORTS[kind]
    except KeyError:
        raise Rejected(f"kind {quoted(kind)} is not known: use one of {', '.join(EXPORTS)}") from None
