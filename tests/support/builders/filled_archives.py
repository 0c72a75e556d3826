"""Archives of any size, as keys and as what is under them: every project has every kind, every day."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from types import MappingProxyType

from tests.support.servers.bucket import Objects, e_tag
from workspace_exports.archive.layout import (
    SeriesName,
    baseline_key,
    coverage_key,
    manifests_prefix,
    new_run,
    plan_key,
)
from workspace_exports.core.clock import utc_now
from workspace_exports.coverage.days import settled_day
from workspace_exports.coverage.ledger import DAYS_SHOWN
from workspace_exports.coverage.plans import PlannedExport, execution_name
from workspace_exports.coverage.targets import TARGETS_FILE, Series
from workspace_exports.exports import EXPORTS

KINDS = tuple(EXPORTS)
KINDS_WITH_DAYS = tuple(kind for kind, export in EXPORTS.items() if export.window.has_days)

_HOURS = range(24)
_SINCE = re.compile(r"since/kind=([^/]+)/project_id=[^/]+\.json")
_MANIFEST = re.compile(r"manifests/kind=([^/]+)/project_id=([^/]+)/[^/]+\.json")
_INDEX = re.compile(r"coverage/kind=([^/]+)/project_id=([^/]+)/year=(\d{4})\.json")
_LANDED_AT = "2026-11-01T00:00:00Z"
_LANDING = {"is_empty": False, "size_bytes": 4096, "landed_at": _LANDED_AT, "sha256": "0" * 64, "task_id": "f" * 32}


@dataclass(frozen=True)
class Archive:
    """What has landed.

    Attributes:
        projects: How many there are.
        days: How many of the newest that have settled are there; as many snapshots, for the kinds without days.
        hours: Every hour of these days was exported too, for the kinds with days.
        kinds: Of every project.
        planned: It was planned before, and so has a first day for each series with days.
        indexed: What the manifests say has been read before.
        newest: The newest day of a kind.
    """

    projects: int
    days: int = 0
    hours: bool = False
    kinds: tuple[str, ...] = KINDS
    planned: bool = True
    indexed: bool = False
    newest: dict[str, date] = field(
        default_factory=lambda: {kind: settled_day(EXPORTS[kind].window, utc_now()) for kind in KINDS}
    )

    @cached_property
    def project_ids(self) -> list[str]:
        """In order."""
        return [f"{number:032x}" for number in range(1, self.projects + 1)]

    @property
    def kinds_with_days(self) -> list[str]:
        """Those that a plan looks at."""
        return [kind for kind in self.kinds if kind in KINDS_WITH_DAYS]

    @property
    def manifests(self) -> int:
        """How many there are."""
        hours = len(_HOURS) * len(self.kinds_with_days) if self.hours else 0
        return self.projects * self.days * (len(self.kinds) + hours)

    @property
    def years_shown(self) -> int:
        """Over how many calendar years the days spread that an answer shows."""
        newest = max(self.newest.values())
        return newest.year - (newest - timedelta(days=min(self.days, DAYS_SHOWN) - 1)).year + 1

    def objects(self, beside: Mapping[str, bytes] = MappingProxyType({})) -> Objects:
        """All of it, and what is beside it."""
        return Objects([*self._keys(), *beside], lambda key: beside.get(key) or self.content(key))

    def content(self, key: str) -> bytes | None:
        """What is under a key of its own; None for any other one."""
        if key == TARGETS_FILE:
            targets = [{"project_id": one, "kinds": self.kinds_with_days} for one in self.project_ids]
            return json.dumps({"targets": targets}).encode()
        if found := _SINCE.fullmatch(key):
            return json.dumps(
                {"first_day": str(self.newest[found[1]] - timedelta(days=max(self.days - 1, 0)))}
            ).encode()
        if found := _MANIFEST.fullmatch(key):
            return _manifest(found[1], found[2])
        if found := _INDEX.fullmatch(key):
            return self._index(found[1], found[2], found[3])
        return None

    def _keys(self) -> Iterator[str]:
        yield TARGETS_FILE
        for kind in self.kinds:
            names = [name for _, name in self._names(kind)]
            years = {day.year for day, _ in self._names(kind)}
            for project_id in self.project_ids:
                prefix = manifests_prefix(kind, project_id)
                yield from (prefix + name for name in names)
                if self.planned and kind in KINDS_WITH_DAYS:
                    yield baseline_key(SeriesName(project_id, kind))
                if self.indexed:
                    yield from (coverage_key(SeriesName(project_id, kind), year) for year in years)

    def _names(self, kind: str) -> Iterator[tuple[date, str]]:
        for day in (self.newest[kind] - timedelta(days=ago) for ago in range(self.days)):
            if kind not in KINDS_WITH_DAYS:
                yield day, f"snapshot={day:%Y%m%d}T043000Z.json"
                continue
            yield day, f"day={day}.json"
            if self.hours:
                yield from (
                    (day, f"window={day:%Y%m%d}T{one:02}0000Z--{day:%Y%m%d}T{one:02}5959Z.json") for one in _HOURS
                )

    def _index(self, kind: str, project_id: str, year: str) -> bytes:
        prefix = manifests_prefix(kind, project_id)
        names = [name for day, name in self._names(kind) if day.year == int(year) and not name.startswith("window")]
        return json.dumps(
            {"manifests": {name: {"version": e_tag(prefix + name)} | _LANDING for name in names}}
        ).encode()


def _manifest(kind: str, project_id: str) -> bytes:
    content = {
        "kind": kind,
        "project_id": project_id,
        "window": {},
        "filters": {},
        "outcome": "landed",
        "task_id": "f" * 32,
        "file_name": "report.xlsx",
        "key": f"data/kind={kind}/project_id={project_id}/report.xlsx",
        "size_bytes": 4096,
        "sha256": "0" * 64,
        "format": "xlsx",
        "ordered_at": _LANDED_AT,
        "landed_at": _LANDED_AT,
        "vendor_request_ids": {"download": "f" * 32},
    }
    return json.dumps(content).encode()


def planned_run(archive: Archive) -> tuple[str, Objects]:
    """A run that planned every day that the archive has, and the archive with its plan."""
    run = new_run(utc_now())
    plan = b"[\n" + b",\n".join(_planned(archive)) + b"\n]\n"
    return run, archive.objects(beside={plan_key(run): plan})


def _planned(archive: Archive) -> Iterator[bytes]:
    for series in (Series(kind, one) for one in archive.project_ids for kind in archive.kinds_with_days):
        for day in (archive.newest[series.kind] - timedelta(days=ago) for ago in range(archive.days)):
            item = PlannedExport(name=execution_name(series, day, utc_now().date()), export=series.of(day))
            yield item.model_dump_json(exclude_none=True).encode()
