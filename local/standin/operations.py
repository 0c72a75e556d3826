"""Every operation the stand-in serves, as data.

Written from the vendor's documentation and from nothing else: the product keeps its own declarations, and a test
that compares the two is worth something only while neither is derived from the other.
"""

from collections.abc import Mapping
from types import MappingProxyType

from local.standin.parameters import (
    Bounds,
    Operation,
    Parameter,
    Type,
    Window,
    bounds,
    choice,
    flag,
    integer,
    language,
    limited,
    sorting,
    text,
    texts,
)

_ACTIVE_TYPES = ("USER_ACTIVATE", "ADMIN_ACTIVATE")
_USER_NAME = r"[^0-9].{0,19}"
_SHARED = "workspace_export"

_EXPORTS = (
    Operation(
        name="connection-records",
        method="GET",
        path="/v3/{project_id}/desktops/connections/export",
        window=Window(30, Bounds.AT_LEAST_ONE),
        ordered=(("min_e2e_rtt", "max_e2e_rtt"),),
        parameters=(
            *bounds(mandatory=False),
            text("user_name"),
            text("computer_name"),
            text("terminal_type"),
            language(),
            integer("min_e2e_rtt"),
            integer("max_e2e_rtt"),
            text("enterprise_project_id"),
            text("public_ip"),
            text("domain"),
        ),
    ),
    Operation(
        name="app-user-access",
        method="POST",
        path="/v2/{project_id}/statistics/metrics/app-user-access/export",
        action="workspace:statistics:exportAppUserAccessData",
        carried_in="body",
        window=Window(30, Bounds.BOTH),
        parameters=(
            *bounds(mandatory=True),
            text("username"),
            *sorting("access_failed_count", "last_access_failed_time"),
        ),
    ),
    Operation(
        name="desktop-usage",
        method="GET",
        path="/v3/{project_id}/statistics/metrics/desktops/export",
        window=Window(180, Bounds.BOTH),
        ordered=(("min_idle_days", "max_idle_days"), ("usage_min_hours", "usage_max_hours")),
        parameters=(
            *bounds(mandatory=True),
            text("resource_name"),
            text("resource_id"),
            integer("min_idle_days"),
            integer("max_idle_days"),
            integer("usage_min_hours"),
            integer("usage_max_hours"),
            text("enterprise_project_id"),
            *sorting("desktop_usage", "desktop_idle_duration"),
        ),
    ),
    Operation(
        name="user-usage",
        method="GET",
        path="/v3/{project_id}/statistics/metrics/users/export",
        window=Window(30, Bounds.BOTH),
        ordered=(("usage_min_hours", "usage_max_hours"),),
        parameters=(
            *bounds(mandatory=True),
            text("username"),
            integer("usage_min_hours"),
            integer("usage_max_hours"),
            text("enterprise_project_id"),
            *sorting("user_usage"),
        ),
    ),
    Operation(
        name="app-user-logins",
        method="POST",
        path="/v1/{project_id}/session/user-connection/export",
        action="workspace:session:exportUserConnection",
        service="appstream",
        limit_class=_SHARED,
        carried_in="body",
        window=Window(30, Bounds.BOTH_OR_NEITHER, "login_start_time", "login_end_time"),
        parameters=(
            *bounds("login_start_time", "login_end_time", mandatory=False),
            *limited(64, "id"),
            choice("connect_type", "1", "2"),
            *limited(255, "user_name", "tenant_id"),
            *limited(128, "machine_sid"),
            *limited(255, "machine_name", "failed_reason", "failed_code", "client_name", "client_version"),
            choice("client_type", "Mac", "Windows"),
            *limited(50, "agent_version", "vm_ip", "connect_flag", "wi_ip", "public_ip", "virtual_ip"),
            Parameter(name="update_time", type=Type.UTC_TIME),
        ),
    ),
    Operation(
        name="app-usage",
        method="POST",
        path="/v1/{project_id}/session/app-connection/export",
        action="workspace:session:exportAppConnection",
        service="appstream",
        limit_class=_SHARED,
        carried_in="body",
        window=Window(30, Bounds.BOTH_OR_NEITHER, "brokering_start_time", "brokering_end_time"),
        parameters=(
            *bounds("brokering_start_time", "brokering_end_time", mandatory=False),
            *limited(64, "id", "app_group_id"),
            *limited(128, "sid"),
            *limited(1024, "machine_name", "user_name", "app_group_name", "app_name"),
            *limited(1024, "connection_failure_reason", "client_name"),
            *limited(255, "failed_code", "tenant_id"),
            choice("client_type", "Windows", "Mac"),
            *limited(50, "client_version", "agent_version", "vm_ip", "wi_ip", "public_ip", "virtual_ip"),
        ),
    ),
    Operation(
        name="app-sessions",
        method="POST",
        path="/v1/{project_id}/session/list-sessions/export",
        action="workspace:session:exportSessions",
        service="appstream",
        limit_class=_SHARED,
        carried_in="body",
        window=Window(30, Bounds.BOTH_OR_NEITHER, "query_begin_time", "query_end_time"),
        parameters=(
            *bounds("query_begin_time", "query_end_time", mandatory=False, kind=Type.UTC_MILLISECONDS),
            *limited(64, "user_name", "app_server_group_id", "vm_ip", "public_ip"),
            *limited(128, "machine_name"),
            Parameter(
                name="session_state",
                allowed=("Active", "Disconnected", "AppcInit", "SignedOut", "InitFail"),
                joined=True,
                longest=256,
            ),
            choice("is_success", "true", "false"),
        ),
    ),
    Operation(
        name="desktops",
        method="GET",
        path="/v3/{project_id}/desktops/export",
        parameters=(
            language(mandatory=True),
            text("computer_name"),
            texts("computer_names"),
            text("desktop_ip"),
            text("desktop_id"),
            text("tag", pattern=r"[^=]+=.*"),
            flag("without_any_tag"),
            text("enterprise_project_id"),
            choice("desktop_type", "DEDICATED", "POOLED", ""),
            choice("status", "ACTIVE", "SHUTOFF", "ERROR", "HIBERNATED"),
            texts("user_names", max_items=100),
            *sorting("created", "computer_name"),
            flag("user_attached"),
            text("image_id"),
            choice("charge_mode", "0", "1"),
            flag("in_maintenance_mode"),
            text("subnet_id"),
            choice("connection_status_version", "NEW", "OLD"),
            text("pool_id"),
            flag("include_pool"),
            text("pool_name"),
            choice("pool_type", "DYNAMIC", "STATIC"),
            flag("pool_in_maintenance_mode"),
            text("pool_enterprise_project_id"),
        ),
    ),
    Operation(
        name="desktop-versions",
        method="GET",
        path="/v2/{project_id}/desktops/list-by-version/export",
        action="workspace:desktops:exportListByVersion",
        parameters=(
            text("agent_version", mandatory=True),
            text("os_type", mandatory=True),
            language(mandatory=True),
            text("desktop_id"),
            text("desktop_name"),
            text("username"),
        ),
    ),
    Operation(
        name="user-groups",
        method="POST",
        path="/v3/{project_id}/groups/export",
        action="workspace:userGroups:export",
        carried_in="body",
        parameters=(text("name"), texts("group_ids"), language()),
    ),
    Operation(
        name="user-group-members",
        method="GET",
        path="/v3/{project_id}/groups/{group_id}/users/export",
        parameters=(
            text("user_name"),
            texts("user_names"),
            text("description"),
            choice("active_type", *_ACTIVE_TYPES),
            text("group_name"),
            language(),
            text("enterprise_project_id"),
        ),
    ),
    Operation(
        name="users",
        method="POST",
        path="/v3/{project_id}/users/export",
        carried_in="body",
        parameters=(
            text("user_name", pattern=_USER_NAME),
            texts("user_names"),
            text("description"),
            choice("active_type", *_ACTIVE_TYPES),
            language(),
            text("enterprise_project_id"),
        ),
    ),
    Operation(
        name="hosts",
        method="GET",
        path="/v2/{project_id}/hosts/export",
        action="workspace:wdh:export",
        parameters=(
            language(mandatory=True),
            text("name"),
            text("availability_zone"),
            text("host_id"),
            text("enterprise_project_id"),
            text("host_type"),
            text("host_type_name"),
            choice("state", "available", "fault", "released"),
            integer("limit"),
            integer("offset", minimum=0),
            text("marker"),
            Parameter(name="changes_since", type=Type.ISO_TIME),
            *sorting("instance_total", "available_vcpus", "available_memory"),
        ),
    ),
    Operation(
        name="upgrade-strategies",
        method="GET",
        path="/v2/{project_id}/upgrade-strategies/export",
        action="workspace:upgradeStrategy:export",
        parameters=(
            language(mandatory=True),
            text("strategy_name"),
            integer("strategy_type", 0, 1),
            integer("is_force_upgrade", 0, 1),
            integer("status", 0, 1),
            integer("strategy_priority"),
        ),
    ),
    Operation(
        name="terminal-bindings",
        method="GET",
        path="/v3/{project_id}/terminals/binding-desktops/template/export",
        parameters=(language(mandatory=True), text("computer_name"), text("mac")),
    ),
)

EXPORTS: Mapping[str, Operation] = MappingProxyType({operation.name: operation for operation in _EXPORTS})
"""The fifteen operations that create an export task, by kind."""

USER_EVENTS = Operation(
    name="user-events",
    method="GET",
    path="/v2/{project_id}/user-events",
    action="workspace:userEvents:list",
    window=Window(30, Bounds.BOTH),
    parameters=(
        *bounds(mandatory=True),
        text("username"),
        text("event_type"),
        text("resource_id"),
        text("resource_name"),
        text("domain"),
        integer("offset", minimum=0),
        integer("limit", minimum=0, maximum=1000),
    ),
)
"""A list that no task exports."""

LIST = Operation(
    name="list",
    method="GET",
    path="/v2/{project_id}/export-tasks",
    action="workspace:tenants:listExportTasks",
    parameters=(
        text("file_name"),
        text("task_id"),
        choice("status", "CREATING", "SUCCESS", "FAIL", "EXPIRED"),
        flag("is_download"),
        *sorting("create_time"),
        integer("offset", minimum=0),
        integer("limit", minimum=1, maximum=100),
    ),
)

DOWNLOAD = Operation(
    name="download",
    method="GET",
    path="/v2/{project_id}/export-tasks/{task_id}/download",
    action="workspace:tenants:exportData",
)

DELETE = Operation(
    name="delete",
    method="POST",
    path="/v2/{project_id}/export-tasks/batch-delete",
    action="workspace:tenants:deleteExportTasks",
    carried_in="body",
    parameters=(
        Parameter(name="task_ids", type=Type.TEXTS, mandatory=True, pattern=r".{1,64}", min_items=1, max_items=200),
    ),
)

PROJECTS = Operation(name="projects", method="GET", path="/v3/projects", service="iam", parameters=(text("name"),))

TOKENS = Operation(name="tokens", method="POST", path="/v3/auth/tokens", service="iam")

DECODE = Operation(
    name="decode",
    method="POST",
    path="/v5/decode-authorization-message",
    service="sts",
    action="sts::decodeAuthorizationMessage",
    carried_in="body",
    parameters=(text("encoded_message", mandatory=True, longest=10_240),),
)

OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {
        **EXPORTS,
        **{operation.name: operation for operation in (USER_EVENTS, LIST, DOWNLOAD, DELETE, PROJECTS, TOKENS, DECODE)},
    }
)
"""Everything the server answers, by the name used to script faults and to look up calls."""
