"""Which series there are: those that are to be archived, those that ever were, and those that merely are there."""

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
class Census:
    """All series of an archive.

    Attributes:
        names: by project, then kind.
        wanted: those that belong to it whether there is anything of them or not.
        planned: what was ever planned of them.
    """

    names: list[SeriesName]
    wanted: frozenset[SeriesName]
    planned: Planned


def discover_streams(
    store: Store, configured: Iterable[Series], kind: str | None = None, project_id: str | None = None
) -> Census:
    """The series of that kind and project, by default of all; no more is listed than that takes.

    Args:
        store: the archive.
        configured: what it is to have; the other series are found in it.
        kind: of the series.
        project_id: theirs.

    Raises:
        ArchiveUnavailable: it cannot be listed.
    """

    def is_asked_for(one: SeriesName) -> bool:
        return kind in {None, one.kind} and project_id in {None, one.project_id}

    configured_names = (SeriesName.of(one.kind, one.project_id, one.filters) for one in configured)
    planned = read_planned(store, kind)
    wanted = frozenset(filter(is_asked_for, planned.series.union(configured_names)))
    return Census(sorted(wanted.union(_found(store, kind, project_id))), wanted, planned)


def _found(store: Store, kind: str | None, project_id: str | None) -> Iterable[SeriesName]:
    """What may be in the archive, unfiltered, whether anybody wants it or not."""
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
