"""Names that no version of this bundle writes: files of file managers and mounts, copies with an extra slash.

obstore refuses some of them (developmentseed/obstore#429). A listing skips all of them and reports each name: in the
log, or in the result of a verification or a sweep.
"""

import re
from collections.abc import Iterable, Iterator

from workspace_exports.core.log import logger
from workspace_exports.core.redaction import printable
from workspace_exports.storage.store import Store
from workspace_exports.storage.stored_objects import StoredObject

REMOVE = "it can be no name of this archive's: remove or rename it"

_ROOTS = ("manifests/", "revoked/", "data/", "/")
_WINDOW = r"kind=[a-z0-9-]+/project_id=[\w-]+/(?:day|window|snapshot)=[\w.+-]+"
_OURS = re.compile(
    rf"manifests/{_WINDOW}\.json|revoked/{_WINDOW}/[\w-]+\.json|data/{_WINDOW}/[\w-]+-[0-9a-f]{{8,}}\.[a-z0-9]{{1,8}}",
    re.ASCII,
)
"""Pattern of the archive's keys, which also allows for the kinds, extensions and filters of later versions."""


def is_foreign(stored: StoredObject) -> bool:
    """Return whether a name below these roots can be neither data nor a manifest, in force or revoked."""
    return not stored.is_readable or _OURS.fullmatch(stored.key) is None


def everything(store: Store) -> Iterator[StoredObject]:
    """Yield everything below `data/`, `manifests/` and `revoked/`, and all keys that begin with an extra slash."""
    for root in _ROOTS:
        yield from store.everything(root)


def only_ours(listed: Iterable[StoredObject]) -> Iterator[StoredObject]:
    """Yield the objects that may be a manifest or a data object; log the names of the others."""
    for stored in listed:
        if is_foreign(stored):
            logger.warning("skipped a foreign name", key=printable(stored.key), advice=REMOVE)
        else:
            yield stored
