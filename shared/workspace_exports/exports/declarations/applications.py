"""Exports of application streaming: logins, uses of applications, and sessions, one row each.

Source: the reference pages ExportUserConnection, ExportAppConnection and ExportSessions, and the models of the vendor's
SDK huaweicloudsdkworkspaceapp.
"""

from datetime import timedelta

from workspace_exports.exports.export import Export
from workspace_exports.exports.parameters import Choice, Choices, Text, UtcMoment
from workspace_exports.exports.windows import Bounds, Form, WindowRule

_LIMIT_CLASS = "workspace_export"

_TO_MILLISECONDS = Form(
    start_name="query_begin_time",
    end_name="query_end_time",
    precision="milliseconds",
    margin=timedelta(milliseconds=999),
)
"""Form of a window whose bounds have milliseconds, as the records have: a day ends at 23:59:59.999Z."""

_CLIENT_TYPE = Choice(name="client_type", meaning="operating system of the client", allowed=("Windows", "Mac"))


def _texts(longest: int, **meanings: str) -> tuple[Text, ...]:
    """Return texts of at most that many characters, as the vendor documents."""
    return tuple(Text(name=name, meaning=meaning, longest=longest) for name, meaning in meanings.items())


APPLICATION_EXPORTS = (
    Export(
        kind="app-user-logins",
        meaning="logins of users to application streaming, failed ones included",
        operation="ExportUserConnection",
        method="POST",
        path="/v1/{project_id}/session/user-connection/export",
        action="workspace:session:exportUserConnection",
        service="appstream",
        limit_class=_LIMIT_CLASS,
        sure_to_be_listed=False,
        window=WindowRule(
            Bounds.BOTH_OR_NEITHER,
            last_days=30,
            form=Form(start_name="login_start_time", end_name="login_end_time"),
        ),
        parameters=(
            *_texts(64, id="id of one login"),
            Choice(name="connect_type", meaning="1 shared desktop, 2 application; a text", allowed=("1", "2")),
            *_texts(255, user_name="user who logged in"),
            *_texts(128, machine_sid="SID of the application server"),
            *_texts(
                255,
                machine_name="name of the application server",
                failed_reason="reason why the connection failed",
                failed_code="code of the failure",
                client_name="name of the client",
                client_version="version of the client",
            ),
            _CLIENT_TYPE,
            *_texts(
                50,
                agent_version="version of the agent on the application server",
                vm_ip="address of the application server",
                connect_flag="flag of the connection; the vendor says that it is 0 for now",
                wi_ip="address of the connection",
                public_ip="egress address of the client",
            ),
            UtcMoment(name="update_time", meaning="start of the login"),
            *_texts(255, tenant_id="tenant id"),
            *_texts(50, virtual_ip="virtual address of the session"),
        ),
    ),
    Export(
        kind="app-usage",
        meaning="uses of streamed applications, failed ones included",
        operation="ExportAppConnection",
        method="POST",
        path="/v1/{project_id}/session/app-connection/export",
        action="workspace:session:exportAppConnection",
        service="appstream",
        limit_class=_LIMIT_CLASS,
        sure_to_be_listed=False,
        window=WindowRule(
            Bounds.BOTH_OR_NEITHER,
            last_days=30,
            form=Form(start_name="brokering_start_time", end_name="brokering_end_time"),
        ),
        parameters=(
            *_texts(64, id="id of one use"),
            *_texts(128, sid="SID of the application server"),
            *_texts(
                1024,
                machine_name="name of the application server",
                user_name="user who logged in; fuzzy",
                app_group_name="name of the application group",
                app_name="name of the application; fuzzy",
                connection_failure_reason="reason why the connection failed",
                client_name="name of the client",
            ),
            *_texts(64, app_group_id="id of the application group"),
            *_texts(255, failed_code="code of the failure"),
            _CLIENT_TYPE,
            *_texts(255, tenant_id="tenant id"),
            *_texts(
                50,
                client_version="version of the client",
                agent_version="version of the agent on the application server",
                vm_ip="address of the application server",
                wi_ip="address of the connection",
                public_ip="egress address of the client",
                virtual_ip="virtual address of the session",
            ),
        ),
    ),
    Export(
        kind="app-sessions",
        meaning="sessions of application streaming, by their start",
        operation="ExportSessions",
        method="POST",
        path="/v1/{project_id}/session/list-sessions/export",
        action="workspace:session:exportSessions",
        service="appstream",
        limit_class=_LIMIT_CLASS,
        sure_to_be_listed=False,
        window=WindowRule(Bounds.BOTH_OR_NEITHER, last_days=30, form=_TO_MILLISECONDS),
        parameters=(
            *_texts(
                64,
                user_name="user of the session",
                app_server_group_id="id of the server group",
                vm_ip="address of the application server",
                public_ip="egress address of the client",
            ),
            *_texts(128, machine_name="name of the application server"),
            Choices(
                name="session_state",
                meaning="states of the session",
                allowed=("Active", "Disconnected", "AppcInit", "SignedOut", "InitFail"),
            ),
            Choice(
                name="is_success",
                meaning="whether the session was created; a text. Left out, all sessions",
                allowed=("true", "false"),
            ),
        ),
    ),
)
