"""The operator's list of projects in the archive."""

from datetime import datetime, timedelta

from workspace_exports.core.clock import utc_now
from workspace_exports.core.errors import Misconfigured
from workspace_exports.coverage.target_record import TARGETS_FILE, Surroundings, Target, Targets
from workspace_exports.storage.store import Store

KEPT_FOR = timedelta(minutes=5)

_read: dict[tuple[str, Surroundings], tuple[datetime, Targets]] = {}
"""By archive, for the life of the container."""


def read_targets(store: Store, surroundings: Surroundings) -> Targets:
    """What the file says now.

    Raises:
        Misconfigured: there is no such file, or it is not to be used.
        ArchiveUnavailable: it cannot be read.
    """
    content = store.read(TARGETS_FILE)
    if content is None:
        raise Misconfigured(
            f"{TARGETS_FILE} is missing in the archive",
            advice=f"Put it at {store.url_of(TARGETS_FILE)}, or set ARCHIVE_TARGETS (in template.yaml, ArchiveTargets) "
            "to false.",
        )
    targets = Targets.parse(content, surroundings)
    _read[store.url, surroundings] = utc_now(), targets
    return targets


def refuse_targets(store: Store) -> None:
    """For a deployment that has one project.

    Raises:
        Misconfigured: there is a list of projects, which would be passed over.
        ArchiveUnavailable: nobody can say.
    """
    if store.read(TARGETS_FILE) is not None:
        raise Misconfigured(
            f"{TARGETS_FILE} is in the archive, and the function is not set to read it",
            advice="Set ARCHIVE_TARGETS (in template.yaml, ArchiveTargets) to true, or remove the file.",
        )


def find_target(store: Store, project_id: str, surroundings: Surroundings) -> Target | None:
    """The project's entry, as it was read within the last five minutes; None if it has none now.

    Raises:
        Misconfigured, ArchiveUnavailable: as `read_targets`.
    """
    read_at, targets = _read.get((store.url, surroundings), (None, None))
    if targets and read_at and utc_now() - read_at < KEPT_FOR and (target := targets.find(project_id)):
        return target
    return read_targets(store, surroundings).find(project_id)
