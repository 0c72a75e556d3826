"""Names that no version of this bundle writes: litter of file managers and mounts, copies with a slash too many.

The storage library refuses some of them (developmentseed/obstore#429). All are passed over, and named once where they
are seen: in the log, and by a verification or a sweep.
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
"""Wide enough for the kinds, extensions and filters of later versions."""


def is_foreign(stored: StoredObject) -> bool:
    """Return whether a name below these roots can be neither data nor a manifest, one taken back included."""
    return not stored.is_readable or _OURS.fullmatch(stored.key) is None


def everything(store: Store) -> Iterator[StoredObject]:
    """All that is below `data/`, `manifests/` and `revoked/`, and what a slash too many has put beside them."""
    for root in _ROOTS:
        yield from store.everything(root)


def only_ours(listed: Iterable[StoredObject]) -> Iterator[StoredObject]:
    """The objects that may be a manifest or a data object; the log names the others."""
    for stored in listed:
        if is_foreign(stored):
            logger.warning("foreign name passed over", key=printable(stored.key), advice=REMOVE)
        else:
            yield stored
