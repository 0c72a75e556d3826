"""Snapshots of desktops, their versions and their terminals."""

from workspace_exports.exports.actions import NoAction
from workspace_exports.exports.declarations.common import (
    DEMANDED_LANGUAGE,
    ENTERPRISE_PROJECT_ID,
    SORT_TYPE_NEEDS_FIELD,
    sorting,
)
from workspace_exports.exports.dependencies import NeedsTrue
from workspace_exports.exports.export import Export
from workspace_exports.exports.parameters import Choice, Flag, Text, Texts
from workspace_exports.exports.windows import SNAPSHOT

_POOL_FILTERS = (
    Text(name="pool_id", meaning="desktop pools, ids joined by commas"),
    Text(name="pool_name", meaning="desktop pool name"),
    Choice(name="pool_type", meaning="kind of desktop pool", allowed=("DYNAMIC", "STATIC")),
    Flag(name="pool_in_maintenance_mode", meaning="whether the desktop pool is in maintenance"),
    Text(name="pool_enterprise_project_id", meaning="enterprise project of the desktop pool"),
)

DESKTOP_EXPORTS = (
    Export(
        kind="desktops",
        meaning="all desktops",
        operation="ExportDesktopListNew",
        method="GET",
        path="/v3/{project_id}/desktops/export",
        action=NoAction.NEEDED,
        older_actions=(
            "workspace:desktops:export",
            "vpc:ports:get",
            "vpc:ports:list",
            "vpc:securityGroups:get",
            "eip:publicIps:list",
            "nat:snatRules:list",
        ),
        window=SNAPSHOT,
        parameters=(
            DEMANDED_LANGUAGE,
            Text(name="computer_name", meaning="computer name"),
            Texts(name="computer_names", meaning="computer names"),
            Text(name="desktop_ip", meaning="address of the desktop"),
            Text(name="desktop_id", meaning="desktop id"),
            Text(name="tag", meaning="tag of the desktop", pattern="[^=]+=.*", shape="a text such as key=value"),
            Flag(name="without_any_tag", meaning="only desktops without a tag"),
            ENTERPRISE_PROJECT_ID,
            Choice(
                name="desktop_type", meaning="kind of desktop; left out, all kinds", allowed=("DEDICATED", "POOLED")
            ),
            Choice(name="status", meaning="state of the desktop", allowed=("ACTIVE", "SHUTOFF", "ERROR", "HIBERNATED")),
            Texts(name="user_names", meaning="users of the desktops", max_items=100),
            *sorting("created", "computer_name", default="ASC"),
            Flag(name="user_attached", meaning="whether a user is assigned"),
            Text(name="image_id", meaning="image id"),
            Choice(name="charge_mode", meaning="0 subscription, 1 on demand; a text", allowed=("0", "1")),
            Flag(name="in_maintenance_mode", meaning="whether the desktop is in maintenance"),
            Text(name="subnet_id", meaning="subnet id"),
            Choice(
                name="connection_status_version",
                meaning="which set of connection states to show",
                allowed=("NEW", "OLD"),
                default="OLD",
            ),
            Flag(name="include_pool", meaning="true: desktops of pools only; false: ordinary desktops only"),
            *_POOL_FILTERS,
        ),
        dependencies=(
            SORT_TYPE_NEEDS_FIELD,
            *(NeedsTrue(parameter.name, "include_pool") for parameter in _POOL_FILTERS),
        ),
    ),
    Export(
        kind="desktop-versions",
        meaning="desktops with one version of the agent",
        operation="ExportDesktopVersionList",
        method="GET",
        path="/v2/{project_id}/desktops/list-by-version/export",
        action="workspace:desktops:exportListByVersion",
        window=SNAPSHOT,
        parameters=(
            Text(name="agent_version", meaning="version of the agent; exact", mandatory=True),
            Text(name="os_type", meaning="operating system; the vendor lists no values", mandatory=True),
            DEMANDED_LANGUAGE,
            Text(name="desktop_id", meaning="desktop id"),
            Text(name="desktop_name", meaning="desktop name; fuzzy"),
            Text(name="username", meaning="user; fuzzy"),
        ),
    ),
    Export(
        kind="terminal-bindings",
        meaning="which terminals are bound to which desktops",
        operation="ExportTerminalsBindingDesktopsInfoNew",
        method="GET",
        path="/v3/{project_id}/terminals/binding-desktops/template/export",
        action=NoAction.DOCUMENTED,
        older_actions=("workspace:bindingPolicies:export",),
        window=SNAPSHOT,
        parameters=(
            DEMANDED_LANGUAGE,
            Text(name="computer_name", meaning="computer name"),
            Text(name="mac", meaning="MAC address of the terminal"),
        ),
    ),
)
