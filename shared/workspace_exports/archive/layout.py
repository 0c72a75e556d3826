"""Where things are in the archive. Equal exports share a manifest key; different ones never do.

    data/kind=K/project_id=P/WINDOW/TASK_ID-NONCE.xlsx   the vendor's file, a key of its own for every fetch
    manifests/kind=K/project_id=P/WINDOW.json            the record readers trust, one for every window
    revoked/kind=K/project_id=P/WINDOW/TASK_ID.json      a record that was taken back, kept whole
    orders/by-time/project_id=P/date=D/TIME-kind=K-NONCE.json   the order book: what was ordered around the same time?
    orders/by-window/kind=K/project_id=P/WINDOW.json            has this been ordered before?
    orders/by-task/TASK_ID.json                                 what is this task?
    failures/kind=K/project_id=P/WINDOW.json                    why did the last attempt fail?
    statements/kind=K/project_id=P/WINDOW.json                  what did a task say that a second one has to confirm?
    runs/RUN/plan.json                                   what one run of the archive workflow is to export
    runs/RUN/report.json                                 what came of it
    since/kind=K/project_id=P.json                       from which day on the archive is to be complete
    since/kind=K/project_id=P/days=FIRST--LAST.json      days that a run by hand has planned
    coverage/kind=K/project_id=P/year=2026.json          a cache of what the year's manifests say
    coverage.html                                        what the archive has, for people

WINDOW is `day=2026-11-20` for a whole day, `window=START--END` for any other, `snapshot=TIME` for a kind without one.
Where more may have come since it was ordered, as with an open side or a day that had not settled, `.ordered-TIME`
follows: such a file never takes the place of the complete one. A filtered export has `.filters-DIGEST`, so that it
cannot pass for the whole; a filter that says what leaving it out says is no filter. In the order book, among failures
and statements, WINDOW has no times of ordering. RUN is `2026-11-22T043000Z-NONCE`.
"""

import hashlib
import json
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Self

from workspace_exports.core.contract import NAME
from workspace_exports.core.errors import Rejected
from workspace_exports.core.redaction import quoted
from workspace_exports.events import OrderedExport, PlacedExport
from workspace_exports.exports import EXPORTS, Filters, Window, find_export

if TYPE_CHECKING:
    from workspace_exports.orders import OrderRecord

_DIGEST_LENGTH = 16
_NONCE_BYTES = 4
_TIME = "%Y%m%dT%H%M%SZ"
_RUN_TIME = "%Y-%m-%dT%H%M%SZ"
_PARTITIONED = re.compile(r"(?:data|manifests|revoked)/(kind=[^/]+/project_id=[^/]+)/")
_REPORT = re.compile(r"runs/(\d{4}-\d{2}-\d{2}T\d{6}Z-[0-9a-f]+)/report\.json")
_DATA = re.compile(r"data/(kind=[^/]+/project_id=[^/]+/[^/]+)/[^/]+")
_SINCE = re.compile(r"since/kind=([^/]+)/project_id=([^/.]+)(\.filters-[0-9a-f]+)?\.json")
_RANGE = re.compile(
    r"since/kind=([^/]+)/project_id=([^/.]+)/days=(\d{4}-\d{2}-\d{2})--(\d{4}-\d{2}-\d{2})(\.filters-[0-9a-f]+)?\.json"
)
_WHOLE_DAY = re.compile(r"day=(\d{4}-\d{2}-\d{2})(\.filters-[0-9a-f]+)?\.json")
_SNAPSHOT = re.compile(r"snapshot=(\d{8})T\d{6}Z(\.filters-[0-9a-f]+)?\.json")


@dataclass(frozen=True, slots=True, order=True)
class SeriesName:
    """What tells one series from another in keys; by project, then kind.

    Attributes:
        filters_name: `.filters-DIGEST`; empty without any.
    """

    project_id: str
    kind: str
    filters_name: str = ""

    @classmethod
    def of(cls, kind: str, project_id: str, filters: Filters) -> Self:
        """The name with those filters; those that say what leaving them out says are none."""
        return cls(project_id, kind, filters_name(kind, filters))

    @property
    def is_ours(self) -> bool:
        """Whether this version could have made such a series: anything at all may be in a key."""
        return self.kind in EXPORTS and re.fullmatch(NAME, self.project_id) is not None


MANIFESTS_PREFIX, FAILURES_PREFIX = "manifests/", "failures/"
"""Right below each is a folder for every kind, and below that one for every project."""
REVOKED_PREFIX = "revoked/"
"""Likewise, for what was taken back."""


def new_nonce() -> str:
    """What keeps apart what would otherwise share a key."""
    return secrets.token_hex(_NONCE_BYTES)


def data_key(export: OrderedExport, nonce: str, extension: str) -> str:
    """The vendor's file name plays no part: it may hold anything.

    The nonce keeps two fetches of one task apart: the later one must not write over what a manifest names.
    """
    return f"data/{_place(export)}/{export.task_id}-{nonce}{extension}"


def manifest_key(export: PlacedExport, *, settled: bool | None = None) -> str:
    """The same for every order of the same thing, however often and by whomever it is ordered.

    Args:
        export: what was ordered, and when.
        settled: whether it had settled by then, as recorded; None for what the kind's declaration says today.
    """
    return f"manifests/{_place(export, settled=settled)}.json"


def manifests_prefix(kind: str, project_id: str) -> str:
    """Below it are the manifests of one kind and project."""
    return f"{MANIFESTS_PREFIX}kind={kind}/project_id={project_id}/"


def day_manifest_key(series: SeriesName, day: date) -> str:
    """Return the key of a whole day's manifest."""
    return f"{manifests_prefix(series.kind, series.project_id)}day={day}{series.filters_name}.json"


def revocations_prefix(manifest_key: str) -> str:
    """Return the prefix of what was taken back of the manifests that stood under that key."""
    return f"{REVOKED_PREFIX}{manifest_key.removeprefix(MANIFESTS_PREFIX).removesuffix('.json')}/"


def revocation_key(manifest_key: str, task_id: str) -> str:
    """Return the key of the one revocation of what that task brought."""
    return f"{revocations_prefix(manifest_key)}{task_id}.json"


def manifest_key_of_revocation(key: str) -> str | None:
    """Return the key that the manifest had which was taken back; None for any other key."""
    place, _, _ = key.removeprefix(REVOKED_PREFIX).rpartition("/")
    return f"{MANIFESTS_PREFIX}{place}.json" if key.startswith(REVOKED_PREFIX) else None


def leftovers_prefix(export: PlacedExport) -> str:
    """Below it are the data objects of all fetches of the same thing."""
    return f"data/{_place(export)}/"


def before_day(prefix: str, day: date) -> str:
    """What sorts before every manifest of that day or later below the prefix, and behind those of earlier days."""
    return f"{prefix}day={day}"


def before_snapshots(prefix: str, day: date) -> str:
    """What sorts before every snapshot of that day or later below the prefix, and behind those of earlier days."""
    return f"{prefix}snapshot={day.isoformat().replace('-', '')}"


def partition_of(key: str) -> str | None:
    """`kind=K/project_id=P`, which a data object shares with what may name it; None for any other key."""
    found = _PARTITIONED.match(key)
    return found[1] if found else None


def manifest_key_beside(data_key: str) -> str | None:
    """The one manifest that may name the data object; None for a key that no manifest may name."""
    found = _DATA.fullmatch(data_key)
    return f"manifests/{found[1]}.json" if found else None


def orders_prefix(project_id: str, day: date) -> str:
    """Below it are the orders of one project that began on that day, by time."""
    return f"orders/by-time/project_id={project_id}/date={day}/"


def order_prefix(project_id: str, began_at: datetime) -> str:
    """Every order of the project that began at that second or later on that day sorts behind it."""
    return f"{orders_prefix(project_id, began_at.date())}{began_at:%H%M%S}"


def order_key(order: "OrderRecord") -> str:
    """A key of its own for every order."""
    return f"{order_prefix(order.project_id, order.ordered_at)}-kind={order.kind}-{order.nonce}.json"


def last_order_key(export: PlacedExport) -> str:
    """The same for every order of the same thing, whenever it is ordered; the last one is there."""
    return f"orders/by-window/{_thing(export)}.json"


def day_order_key(kind: str, project_id: str, day: date, filters: Filters) -> str:
    """The same for a whole day, by what makes it up."""
    return f"orders/by-window/{_thing_of(kind, project_id, f'day={day}', filters)}.json"


def task_key(task_id: str) -> str:
    """Where the order is that made the task."""
    return f"orders/by-task/{task_id}.json"


def new_run(began_at: datetime) -> str:
    """A name for a run; later ones sort behind it."""
    return f"{began_at:{_RUN_TIME}}-{new_nonce()}"


def run_began_at(run: str) -> datetime:
    """When a run of that name began, to the second.

    Raises:
        Rejected: no run is called so.
    """
    try:
        return datetime.strptime(run.rpartition("-")[0], _RUN_TIME).replace(tzinfo=UTC)
    except ValueError:
        raise Rejected(f"run must be a name such as 2026-11-22T043000Z-1a2b3c4d, not {quoted(run)}") from None


def plan_key(run: str) -> str:
    """Where the run's plan is."""
    return f"runs/{run}/plan.json"


RUNS_PREFIX = "runs/"


def run_of_report(key: str) -> str | None:
    """The run whose report is under that key; None for any other key."""
    found = _REPORT.fullmatch(key)
    return found[1] if found else None


def report_key(run: str) -> str:
    """Where it stands what came of the run."""
    return f"runs/{run}/report.json"


def since_prefix(kind: str | None = None) -> str:
    """Below it are the first days of one kind, by default of all."""
    return f"since/kind={kind}/" if kind else "since/"


def since_of(key: str) -> SeriesName | None:
    """Whose first day is under that key; None for any other key, and for what this version could not have made."""
    found = _SINCE.fullmatch(key)
    series = SeriesName(found[2], found[1], found[3] or "") if found else None
    return series if series and series.is_ours else None


def since_key(series: SeriesName) -> str:
    """Where the first day stands that the archive was ever to have; with other filters it is another one."""
    return f"{since_prefix(series.kind)}project_id={series.project_id}{series.filters_name}.json"


def range_key(series: SeriesName, first: date, last: date) -> str:
    """The note that a run by hand planned these days of the series; both ends inclusive."""
    return f"{since_prefix(series.kind)}project_id={series.project_id}/days={first}--{last}{series.filters_name}.json"


def range_of(key: str) -> tuple[SeriesName, date, date] | None:
    """The series and the days under such a key; None for any other key, and for what this version could not make."""
    found = _RANGE.fullmatch(key)
    series = SeriesName(found[2], found[1], found[5] or "") if found else None
    try:
        days = (date.fromisoformat(found[3]), date.fromisoformat(found[4])) if found else None
    except ValueError:
        return None
    return (series, *days) if series and series.is_ours and days else None


COVERAGE_PAGE = "coverage.html"


def coverage_key(series: SeriesName, year: int) -> str:
    """Where it stands what the series' manifests of that year say."""
    return f"coverage/kind={series.kind}/project_id={series.project_id}/year={year:04}{series.filters_name}.json"


def failures_prefix(kind: str, project_id: str) -> str:
    """Below it are the failures of one kind and project."""
    return f"{FAILURES_PREFIX}kind={kind}/project_id={project_id}/"


def failure_key(export: PlacedExport) -> str:
    """The same for every attempt at the same thing; the last failure is there."""
    return f"{FAILURES_PREFIX}{_thing(export)}.json"


def order_of_failure(key: str) -> str:
    """The key of the last order of the same thing, from the key of its failure."""
    return f"orders/by-window/{key.removeprefix(FAILURES_PREFIX)}"


def statement_key(export: PlacedExport) -> str:
    """Return the key of the last statement that waits for a second task; the same for every order of the same thing."""
    return f"statements/{_thing(export)}.json"


def whole_day(key: str, filters_name: str = "") -> date | None:
    """The day in the key of a whole day's manifest with those filters, by default none; None for any other key."""
    return _day(_WHOLE_DAY, key, filters_name)


def snapshot_day(key: str, filters_name: str) -> date | None:
    """The day in the key of a snapshot's manifest with those filters, by default none; None for any other key."""
    return _day(_SNAPSHOT, key, filters_name)


def _day(pattern: re.Pattern[str], key: str, filters_name: str) -> date | None:
    found = pattern.fullmatch(key.rpartition("/")[2])
    try:
        return date.fromisoformat(found[1]) if found and (found[2] or "") == filters_name else None
    except ValueError:
        return None


def _place(export: PlacedExport, *, settled: bool | None = None) -> str:
    if settled is None:
        settled = find_export(export.kind).window.is_settled(export.window, export.ordered_at)
    return _thing_of(export.kind, export.project_id, _ordered_name(export, settled=settled), export.filters)


def _thing(export: PlacedExport) -> str:
    name = _window_name(export.window) if export.window != Window() else "snapshot"
    return _thing_of(export.kind, export.project_id, name, export.filters)


def _thing_of(kind: str, project_id: str, name: str, filters: Filters) -> str:
    return f"kind={kind}/project_id={project_id}/{name}{filters_name(kind, filters)}"


def _ordered_name(export: PlacedExport, *, settled: bool) -> str:
    ordered = f"{export.ordered_at:{_TIME}}"
    if export.window == Window():
        return f"snapshot={ordered}"
    name = _window_name(export.window)
    return name if settled else f"{name}.ordered-{ordered}"


def _window_name(window: Window) -> str:
    if window.day:
        return f"day={window.day.isoformat()}"
    return f"window={'--'.join(f'{bound:{_TIME}}' if bound else 'open' for bound in (window.start, window.end))}"


def filters_name(kind: str, filters: Filters) -> str:
    """What the filters add to a name: nothing, if they say what leaving them out says."""
    distinguishing = find_export(kind).distinguishing(filters)
    if not distinguishing:
        return ""
    text = json.dumps(distinguishing, sort_keys=True, separators=(",", ":"))
    return f".filters-{hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_LENGTH]}"
