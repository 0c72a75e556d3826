"""show-coverage: show the days that the archive has, and the states of the others."""

from http import HTTPStatus

from functions.show_coverage.representation import PAGE, represent
from workspace_exports.core.errors import Rejected
from workspace_exports.coverage.ledger_record import Coverage, CoverageRequest
from workspace_exports.coverage.show import show_coverage
from workspace_exports.runtime import Route, entrypoint, from_query
from workspace_exports.runtime.route import JSON
from workspace_exports.runtime.settings.ledger_range import WatchingSettings


class ShowCoverageSettings(WatchingSettings):
    """Settings of show-coverage; it never calls the vendor."""


ROUTE = Route(
    "GET",
    "/coverage",
    "Show what the archive has",
    from_query(CoverageRequest),
    represent,
    takes=CoverageRequest,
    gives={HTTPStatus.OK: Coverage},
    raises=(Rejected,),
    content_types=(JSON, PAGE),
    without_content=(HTTPStatus.NOT_MODIFIED,),
)
handler = entrypoint(show_coverage, CoverageRequest, ShowCoverageSettings, ROUTE)
