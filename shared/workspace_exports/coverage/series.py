"""What a request asks for, of all that is archived day after day."""

from collections.abc import Iterable

from workspace_exports.core.errors import Rejected
from workspace_exports.core.nearest import did_you_mean
from workspace_exports.coverage.plan_record import PlanRequest
from workspace_exports.coverage.target_record import Series, Target


def asked_for(targets: Iterable[Target], request: PlanRequest) -> list[Series]:
    """The series of those targets that the request is for; by default all.

    Raises:
        Rejected: it names a project or a kind that no target has.
    """
    every = [series for target in targets for series in target.series()]
    found = [
        series
        for series in every
        if request.project_id in {None, series.project_id} and (not request.kinds or series.kind in request.kinds)
    ]
    unknown = [
        f"{name} {value} is in no target{did_you_mean(value, known)}"
        for name, value, known in (
            ("project_id", request.project_id, {series.project_id for series in every}),
            *(("kind", kind, {series.kind for series in every}) for kind in request.kinds or []),
        )
        if value and value not in known
    ]
    if unknown or not found:
        raise Rejected.because(unknown or ["no target has such a kind and project_id together"])
    return found
