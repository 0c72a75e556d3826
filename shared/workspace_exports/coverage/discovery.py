"""Series of an archive: those that are to be archived, those ever planned, and others found in it."""

from collections.abc import Iterable
from dataclasses import dataclass

from workspace_exports.archive.layout import FAILURES_PREFIX, MANIFESTS_PREFIX, SeriesName
from workspace_exports.coverage.baseline import Planned, read_planned
from workspace_exports.coverage.targets import Series
from workspace_exports.exports import EXPORTS
from workspace_exports.storage.store import Store

_KIND = "kind="
_PROJECT = "project_id="


@dataclass(frozen=True, slots=True)
class ArchiveSeries:
    """Series of an archive.

    Attributes:
        names: all of them, by project, then kind.
        wanted: the series that belong to the archive even if it has nothing of them.
        planned: the series and days that were ever planned.
    """

    names: list[SeriesName]
    wanted: frozenset[SeriesName]
    planned: Planned


def discover_series(
    store: Store, configured: Iterable[Series], kind: str | None = None, project_id: str | None = None
) -> ArchiveSeries:
    """Return the series of that kind and project, by default of all; list no more than that takes.

    Args:
        store: the archive.
        configured: the series that the archive is to have; other series are found in it.
        kind: the kind of the series; None for all.
        project_id: the project of the series; None for all.

    Raises:
        ArchiveUnavailable: it cannot be listed.
    """

    def is_asked_for(one: SeriesName) -> bool:
        return kind in {None, one.kind} and project_id in {None, one.project_id}

    configured_names = (one.name for one in configured)
    planned = read_planned(store, kind)
    wanted = frozenset(filter(is_asked_for, planned.series.union(configured_names)))
    return ArchiveSeries(sorted(wanted.union(_found(store, kind, project_id))), wanted, planned)


def _found(store: Store, kind: str | None, project_id: str | None) -> Iterable[SeriesName]:
    """Return the unfiltered series that may be in the archive, wanted or not."""
    if kind and project_id:
        return [SeriesName(project_id, kind)]
    pairs = (
        (one, project)
        for folder in (MANIFESTS_PREFIX, FAILURES_PREFIX)
        for one in ([kind] if kind else _values(store, folder, _KIND))
        if one in EXPORTS
        for project in ([project_id] if project_id else _values(store, f"{folder}{_KIND}{one}/", _PROJECT))
    )
    return (name for one, project in pairs if (name := SeriesName(project, one)).is_ours)


def _values(store: Store, prefix: str, name: str) -> list[str]:
    return [folder.removeprefix(name) for folder in store.folders(prefix) if folder.startswith(name)]
