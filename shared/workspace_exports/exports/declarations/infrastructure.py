"""Snapshots of the hosts that desktops run on, and of upgrade strategies."""

from workspace_exports.exports.declarations.common import (
    DEMANDED_LANGUAGE,
    ENTERPRISE_PROJECT_ID,
    SORT_TYPE_NEEDS_FIELD,
    sorting,
)
from workspace_exports.exports.dependencies import NotTogether
from workspace_exports.exports.export import Export
from workspace_exports.exports.parameters import Choice, Integer, Text, Time
from workspace_exports.exports.windows import SNAPSHOT

INFRASTRUCTURE_EXPORTS = (
    Export(
        kind="hosts",
        meaning="dedicated hosts and their free capacity",
        operation="ExportHostsDetail",
        method="GET",
        path="/v2/{project_id}/hosts/export",
        action="workspace:wdh:export",
        window=SNAPSHOT,
        parameters=(
            DEMANDED_LANGUAGE,
            Text(name="name", meaning="host name"),
            Text(name="availability_zone", meaning="availability zone"),
            Text(name="host_id", meaning="host id"),
            ENTERPRISE_PROJECT_ID,
            Text(name="host_type", meaning="type of the host"),
            Text(name="host_type_name", meaning="name of the host's type"),
            Choice(name="state", meaning="state of the host", allowed=("available", "fault", "released")),
            Integer(name="limit", meaning="how many; whether it cuts the export is not documented", minimum=1),
            Integer(name="offset", meaning="how many to pass over; see limit"),
            Text(name="marker", meaning="id of the last host before the first one wanted"),
            Time(name="changes_since", meaning="only hosts changed since; UTC where no offset is given"),
            *sorting("instance_total", "available_vcpus", "available_memory", default="ASC"),
        ),
        dependencies=(NotTogether("marker", "offset"), SORT_TYPE_NEEDS_FIELD),
    ),
    Export(
        kind="upgrade-strategies",
        meaning="strategies for upgrading servers and clients",
        operation="ExportTenantUpgradeStrategies",
        method="GET",
        path="/v2/{project_id}/upgrade-strategies/export",
        action="workspace:upgradeStrategy:export",
        window=SNAPSHOT,
        parameters=(
            DEMANDED_LANGUAGE,
            Text(name="strategy_name", meaning="strategy name; fuzzy"),
            Choice(name="strategy_type", meaning="0 server, 1 client", allowed=(0, 1)),
            Choice(name="is_force_upgrade", meaning="whether the upgrade is forced: 0 no, 1 yes", allowed=(0, 1)),
            Choice(name="status", meaning="0 off, 1 on", allowed=(0, 1)),
            Integer(name="strategy_priority", meaning="priority of the strategy"),
        ),
    ),
)
