"""Lists of events, which no task exports."""

from workspace_exports.exports.deliveries import PagedList
from workspace_exports.exports.export import Export
from workspace_exports.exports.parameters import Text
from workspace_exports.exports.windows import BOTH_SIDES, Bounds, WindowRule

EVENT_LISTS = (
    Export(
        kind="user-events",
        meaning="events of users: logins with their method, connections, power, passwords, with address and success",
        operation="ListUserEvents",
        method="GET",
        path="/v2/{project_id}/user-events",
        action="workspace:userEvents:list",
        window=WindowRule(Bounds.BOTH, last_days=30, form=BOTH_SIDES),
        parameters=(
            Text(name="username", meaning="user; exact"),
            Text(name="event_type", meaning="types of events, joined by commas; the vendor lists no values"),
            Text(name="resource_id", meaning="id of the resource, such as a desktop"),
            Text(name="resource_name", meaning="name of the resource"),
            Text(name="domain", meaning="domain of the user"),
        ),
        delivery=PagedList(rows="items", count="count", time="event_time", longest_page=1000),
    ),
)
