"""Error for a task that the vendor's task list does not show."""

from workspace_exports.core.clock import to_wire
from workspace_exports.core.errors import TaskLost
from workspace_exports.events import ObservedExport
from workspace_exports.exports import find_export


def lost(export: ObservedExport) -> TaskLost:
    """Return the error; its advice says what it means for a kind whose tasks may never be listed."""
    what = f"The vendor's task list does not show the task ordered at {to_wire(export.ordered_at)}"
    if find_export(export.kind).sure_to_be_listed:
        return TaskLost(what)
    return TaskLost(
        f"{what}; no page of the vendor's says that tasks of {export.kind} appear there",
        advice="Order the export again, once. If that task does not appear either, the vendor lists no tasks of this "
        "kind: it cannot be archived, so leave it out (kinds in targets.json) and inform this bundle's maintainers.",
    )
