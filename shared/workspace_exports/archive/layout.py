"""Keys of the archive's objects. Equal exports share a manifest key; different ones never do.

    data/kind=K/project_id=P/WINDOW/TASK_ID-NONCE.xlsx   the vendor's file, with a key of its own for every fetch
    manifests/kind=K/project_id=P/WINDOW.json            the record that readers trust, one for every window
    revoked/kind=K/project_id=P/WINDOW/TASK_ID.json      a revoked manifest, kept whole
    orders/by-time/project_id=P/date=D/TIME-kind=K-NONCE.json   the order log: the orders of one time
    orders/by-window/kind=K/project_id=P/WINDOW.json            the last order of a window
    orders/by-task/TASK_ID.json                                 the order of a task
    failures/kind=K/project_id=P/WINDOW.json                    the reason why the last attempt failed
    statements/kind=K/project_id=P/WINDOW.json                  a task's statement that a second one has to confirm
    runs/RUN/plan.json                                   the exports that one run of the archive workflow plans
    runs/RUN/report.json                                 the results of that run
    since/kind=K/project_id=P.json                       the day from which on the archive is to be complete
    since/kind=K/project_id=P/days=FIRST--LAST.json      days that a run by hand has planned
    coverage/kind=K/project_id=P/year=2026.json          a cache of the facts in the year's manifests
    coverage.html                                        the archive's content, for people

WINDOW is `day=2026-11-20` for a whole day, `window=START--END` for any other, `snapshot=TIME` for an order without one.
If the window was not settled when it was ordered, as with an open side or a recent day, `.ordered-TIME` follows: such
a file never takes the place of the complete one. A filtered export has `.filters-DIGEST`, so that it is not mistaken
for the unfiltered one; a filter that equals its default does not count. In the order log and among failures and
statements, WINDOW has no times of ordering. RUN is `2026-11-22T043000Z-NONCE`.
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
    """Name of a series in keys, in order of project, then kind.

    Attributes:
        filters_name: `.filters-DIGEST`; empty without filters.
    """

    project_id: str
    kind: str
    filters_name: str = ""

    @classmethod
    def of(cls, kind: str, project_id: str, filters: Filters) -> Self:
        """Return the name of the series with those filters; a filter that equals its default does not count."""
        return cls(project_id, kind, filters_name(kind, filters))

    @property
    def is_ours(self) -> bool:
        """True if this version could have made such a series, since a key may contain anything."""
        return self.kind in EXPORTS and re.fullmatch(NAME, self.project_id) is not None


MANIFESTS_PREFIX, FAILURES_PREFIX = "manifests/", "failures/"
"""Prefixes with a folder for every kind, and in it a folder for every project."""
REVOKED_PREFIX = "revoked/"
"""Prefix of revoked manifests, with the same folders."""


def new_nonce() -> str:
    """Return a random string that keeps otherwise equal keys apart."""
    return secrets.token_hex(_NONCE_BYTES)


def data_key(export: OrderedExport, nonce: str, extension: str) -> str:
    """Return the key of one fetch's data object. The vendor's file name is not in it, since that may contain anything.

    The nonce keeps two fetches of one task apart: the later one must not overwrite an object that a manifest names.
    """
    return f"data/{_partition_path(export)}/{export.task_id}-{nonce}{extension}"


def manifest_key(export: PlacedExport, *, settled: bool | None = None) -> str:
    """Return the key of the export's manifest.

    All orders of the same settled window and filters share it. The key of an unsettled one has its time of ordering.

    Args:
        export: the export with its time of ordering.
        settled: whether the window had settled by then, as recorded; None to use the kind's declaration of today.
    """
    return f"manifests/{_partition_path(export, settled=settled)}.json"


def manifests_prefix(kind: str, project_id: str) -> str:
    """Return the prefix of the manifests of one kind and project."""
    return f"{MANIFESTS_PREFIX}kind={kind}/project_id={project_id}/"


def day_manifest_key(series: SeriesName, day: date) -> str:
    """Return the key of a whole day's manifest."""
    return f"{manifests_prefix(series.kind, series.project_id)}day={day}{series.filters_name}.json"


def revocations_prefix(manifest_key: str) -> str:
    """Return the prefix of the revoked manifests that stood under that key."""
    return f"{REVOKED_PREFIX}{manifest_key.removeprefix(MANIFESTS_PREFIX).removesuffix('.json')}/"


def revocation_key(manifest_key: str, task_id: str) -> str:
    """Return the key of the only revocation of that task's manifest."""
    return f"{revocations_prefix(manifest_key)}{task_id}.json"


def manifest_key_of_revocation(key: str) -> str | None:
    """Return the key that the revoked manifest had; None for a key that is not a revocation's."""
    place, _, _ = key.removeprefix(REVOKED_PREFIX).rpartition("/")
    return f"{MANIFESTS_PREFIX}{place}.json" if key.startswith(REVOKED_PREFIX) else None


def leftovers_prefix(export: PlacedExport) -> str:
    """Return the prefix of the data objects of all fetches of the same export."""
    return f"data/{_partition_path(export)}/"


def day_lower_bound(prefix: str, day: date) -> str:
    """Return a key that sorts behind the prefix's objects of earlier days, and before those of that day or later."""
    return f"{prefix}day={day}"


def snapshot_lower_bound(prefix: str, day: date) -> str:
    """Return a key that sorts behind the prefix's snapshots of earlier days, and before those of that day or later."""
    return f"{prefix}snapshot={day.isoformat().replace('-', '')}"


def partition_of(key: str) -> str | None:
    """Return `kind=K/project_id=P`, which a data object shares with its manifests; None for any other key."""
    found = _PARTITIONED.match(key)
    return found[1] if found else None


def manifest_key_beside(data_key: str) -> str | None:
    """Return the key of the only manifest that may name the data object; None for a key that no manifest may name."""
    found = _DATA.fullmatch(data_key)
    return f"manifests/{found[1]}.json" if found else None


def orders_prefix(project_id: str, day: date) -> str:
    """Return the prefix of one project's orders that began on that day; they sort by time."""
    return f"orders/by-time/project_id={project_id}/date={day}/"


def order_prefix(project_id: str, began_at: datetime) -> str:
    """Return a prefix that sorts before every order of the project from that second on, of the same day."""
    return f"{orders_prefix(project_id, began_at.date())}{began_at:%H%M%S}"


def order_key(order: "OrderRecord") -> str:
    """Return the order's own key, which no other order shares."""
    return f"{order_prefix(order.project_id, order.ordered_at)}-kind={order.kind}-{order.nonce}.json"


def last_order_key(export: PlacedExport) -> str:
    """Return the key of the last order of an export, which orders of the same export at any time share."""
    return f"orders/by-window/{_window_path(export)}.json"


def day_order_key(kind: str, project_id: str, day: date, filters: Filters) -> str:
    """Return the key of the last order of a whole day, from the parts of the export."""
    return f"orders/by-window/{_path_of(kind, project_id, f'day={day}', filters)}.json"


def task_key(task_id: str) -> str:
    """Return the key of the order that made the task."""
    return f"orders/by-task/{task_id}.json"


def new_run(began_at: datetime) -> str:
    """Return a new name for a run; the names of later runs sort behind it."""
    return f"{began_at:{_RUN_TIME}}-{new_nonce()}"


def run_began_at(run: str) -> datetime:
    """Return the time at which the run of that name began, to the second.

    Raises:
        Rejected: the name is not one of a run.
    """
    try:
        return datetime.strptime(run.rpartition("-")[0], _RUN_TIME).replace(tzinfo=UTC)
    except ValueError:
        raise Rejected(f"run must be a name such as 2026-11-22T043000Z-1a2b3c4d, not {quoted(run)}") from None


def plan_key(run: str) -> str:
    """Return the key of the run's plan."""
    return f"runs/{run}/plan.json"


RUNS_PREFIX = "runs/"


def run_of_report(key: str) -> str | None:
    """Return the name of the run whose report is under that key; None for any other key."""
    found = _REPORT.fullmatch(key)
    return found[1] if found else None


def report_key(run: str) -> str:
    """Return the key of the run's report."""
    return f"runs/{run}/report.json"


def baselines_prefix(kind: str | None = None) -> str:
    """Return the prefix of the baselines and planned days of one kind, by default of all."""
    return f"since/kind={kind}/" if kind else "since/"


def series_of_baseline(key: str) -> SeriesName | None:
    """Return the series whose baseline is under that key; None for any other key, or if this version cannot make it."""
    found = _SINCE.fullmatch(key)
    series = SeriesName(found[2], found[1], found[3] or "") if found else None
    return series if series and series.is_ours else None


def baseline_key(series: SeriesName) -> str:
    """Return the key of the series' baseline. Series with other filters have another one."""
    return f"{baselines_prefix(series.kind)}project_id={series.project_id}{series.filters_name}.json"


def range_key(series: SeriesName, first: date, last: date) -> str:
    """Return the key of the record that a run by hand planned these days of the series; both ends are inclusive."""
    return (
        f"{baselines_prefix(series.kind)}project_id={series.project_id}/days={first}--{last}{series.filters_name}.json"
    )


def range_of(key: str) -> tuple[SeriesName, date, date] | None:
    """Return the series, the first and the last day in such a key; None if this version cannot make the key."""
    found = _RANGE.fullmatch(key)
    series = SeriesName(found[2], found[1], found[5] or "") if found else None
    try:
        days = (date.fromisoformat(found[3]), date.fromisoformat(found[4])) if found else None
    except ValueError:
        return None
    return (series, *days) if series and series.is_ours and days else None


COVERAGE_PAGE = "coverage.html"


def coverage_key(series: SeriesName, year: int) -> str:
    """Return the key of the series' ledger of that year, a cache of its manifests."""
    return f"coverage/kind={series.kind}/project_id={series.project_id}/year={year:04}{series.filters_name}.json"


def failures_prefix(kind: str, project_id: str) -> str:
    """Return the prefix of the failures of one kind and project."""
    return f"{FAILURES_PREFIX}kind={kind}/project_id={project_id}/"


def failure_key(export: PlacedExport) -> str:
    """Return the key of the last failure of an export, which all attempts at the same export share."""
    return f"{FAILURES_PREFIX}{_window_path(export)}.json"


def order_of_failure(key: str) -> str:
    """Return the key of the last order of the same export, from the key of its failure."""
    return f"orders/by-window/{key.removeprefix(FAILURES_PREFIX)}"


def statement_key(export: PlacedExport) -> str:
    """Return the key of the last statement that waits for a second task; orders of the same export share it."""
    return f"statements/{_window_path(export)}.json"


def whole_day(key: str, filters_name: str = "") -> date | None:
    """Return the day in the key of a whole day's manifest with those filters (by default none); None for others."""
    return _day(_WHOLE_DAY, key, filters_name)


def snapshot_day(key: str, filters_name: str) -> date | None:
    """Return the day in the key of a snapshot's manifest with those filters; None for any other key."""
    return _day(_SNAPSHOT, key, filters_name)


def _day(pattern: re.Pattern[str], key: str, filters_name: str) -> date | None:
    found = pattern.fullmatch(key.rpartition("/")[2])
    try:
        return date.fromisoformat(found[1]) if found and (found[2] or "") == filters_name else None
    except ValueError:
        return None


def _partition_path(export: PlacedExport, *, settled: bool | None = None) -> str:
    if settled is None:
        settled = find_export(export.kind).window.is_settled(export.window, export.ordered_at)
    return _path_of(export.kind, export.project_id, _ordered_name(export, settled=settled), export.filters)


def _window_path(export: PlacedExport) -> str:
    name = _window_name(export.window) if export.window != Window() else "snapshot"
    return _path_of(export.kind, export.project_id, name, export.filters)


def _path_of(kind: str, project_id: str, name: str, filters: Filters) -> str:
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
    """Return the filters' part of a key; empty if every filter equals its default."""
    distinguishing = find_export(kind).distinguishing(filters)
    if not distinguishing:
        return ""
    text = json.dumps(distinguishing, sort_keys=True, separators=(",", ":"))
    return f".filters-{hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_LENGTH]}"
