"""Plans in the archive: a JSON array, one planned export per line, so that neither end needs to hold it whole."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import date
from urllib.parse import urlsplit

from pydantic import ValidationError

from workspace_exports.archive.layout import day_order_key, plan_key
from workspace_exports.core.errors import ArchiveUnavailable
from workspace_exports.coverage.plan_record import PlanLocation, PlannedExport
from workspace_exports.coverage.target_record import Series
from workspace_exports.storage.store import Store

_DIGEST_LENGTH = 12


def execution_name(series: Series, day: date, planned_on: date) -> str:
    """Equal for equal exports planned on one day: a second run of that day meets the first one's execution.

    A name stays taken for 90 days, so that what failed needs another one on the next day.
    """
    thing = day_order_key(series.kind, series.project_id, day, series.filters)
    digest = hashlib.sha256(thing.encode()).hexdigest()[:_DIGEST_LENGTH]
    return f"{planned_on:%Y%m%d}-{series.kind}-{day}-{digest}"


def write_plan(store: Store, run: str, exports: Iterable[PlannedExport]) -> int:
    """Streams the run's plan into the archive; the number of exports in it.

    Raises:
        ArchiveUnavailable: storage refused; there is no plan.
    """
    lines = _Lines(exports)
    store.write(plan_key(run), lines)
    return lines.count


def read_plan(store: Store, run: str) -> Iterator[PlannedExport]:
    """What the run planned, in its order.

    Raises:
        ArchiveUnavailable: there is no such plan, or it cannot be read.
    """
    try:
        for line in _lines(store.chunks(plan_key(run))):
            if item := line.strip(b"[],\n"):
                yield PlannedExport.read(item)
    except ValidationError as error:
        raise ArchiveUnavailable(f"The plan {plan_key(run)!r} is not one this version can read") from error


def plan_location(store: Store, run: str) -> PlanLocation:
    """Where the state machine finds the run's plan."""
    url = urlsplit(store.url_of(plan_key(run)))
    if url.scheme == "s3":
        return PlanLocation(bucket=url.netloc, key=url.path.lstrip("/"))
    return PlanLocation(key=plan_key(run))


class _Lines:
    """The JSON text of a plan, counted as it goes by."""

    def __init__(self, exports: Iterable[PlannedExport]) -> None:
        self._exports = exports
        self.count = 0

    def __iter__(self) -> Iterator[bytes]:
        yield b"["
        for export in self._exports:
            yield b",\n" if self.count else b"\n"
            yield export.model_dump_json(exclude_none=True).encode()
            self.count += 1
        yield b"\n]\n"


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        yield from lines
    yield rest
