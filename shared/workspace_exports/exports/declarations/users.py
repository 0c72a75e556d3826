"""Snapshots of the users of desktops and of their groups."""

from workspace_exports.exports.actions import NoAction
from workspace_exports.exports.declarations.common import ACTIVE_TYPES, ENTERPRISE_PROJECT_ID, language
from workspace_exports.exports.export import Export
from workspace_exports.exports.parameters import Choice, Segment, Text, Texts
from workspace_exports.exports.windows import SNAPSHOT

USER_EXPORTS = (
    Export(
        kind="user-groups",
        meaning="all user groups",
        operation="ExportUserGroupsNew",
        method="POST",
        path="/v3/{project_id}/groups/export",
        action="workspace:userGroups:export",
        window=SNAPSHOT,
        parameters=(
            Text(name="name", meaning="group name; fuzzy"),
            Texts(name="group_ids", meaning="group ids; with name, both must match"),
            language(),
        ),
    ),
    Export(
        kind="user-group-members",
        meaning="the users of one group",
        operation="ExportUserGroupUsersNew",
        method="GET",
        path="/v3/{project_id}/groups/{group_id}/users/export",
        action=NoAction.NEEDED,
        older_actions=("workspace:userGroups:exportUsers",),
        window=SNAPSHOT,
        parameters=(
            Segment(name="group_id", meaning="id of the group; goes into the path", mandatory=True),
            Text(name="user_name", meaning="user; fuzzy"),
            Texts(name="user_names", meaning="users"),
            Text(name="description", meaning="description of the user; fuzzy"),
            Choice(name="active_type", meaning="who activates the user", allowed=ACTIVE_TYPES),
            Text(name="group_name", meaning="group name"),
            language(),
            ENTERPRISE_PROJECT_ID,
        ),
    ),
    Export(
        kind="users",
        meaning="all users",
        operation="ExportUsersNew",
        method="POST",
        path="/v3/{project_id}/users/export",
        action=NoAction.NEEDED,
        window=SNAPSHOT,
        parameters=(
            Text(
                name="user_name",
                meaning="user; fuzzy",
                pattern=r"\D.{0,19}",
                shape="a text of 1 to 20 characters that starts with no digit",
            ),
            Texts(name="user_names", meaning="users"),
            Text(name="description", meaning="description of the user; fuzzy"),
            Choice(
                name="active_type",
                meaning="who activates the user",
                allowed=ACTIVE_TYPES,
                default="USER_ACTIVATE",
            ),
            language(default="en_US"),
            ENTERPRISE_PROJECT_ID,
        ),
    ),
)
