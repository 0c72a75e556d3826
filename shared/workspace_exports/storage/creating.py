"""Creating an object only if there is none: by a conditional write, which some storages do not know."""

from collections.abc import Mapping
from secrets import token_hex

from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import ObjectStore

from workspace_exports.storage.storage_errors import is_worth_repeating, may_be_unconditional, unconditional

_MOST_ATTEMPTS = 5


def create_object(objects: ObjectStore, key: str, content: bytes, tags: Mapping[str, str] | None) -> bool:
    """Writes a small object unless the key is taken; False if it is, by this very call where an answer was lost.

    Where a connection breaks off and obstore leaves it to the caller of a create to ask again, that happens at once.

    Raises:
        Misconfigured: the storage takes other writes, and none on the condition that there is no such object.
        BaseError: it refused otherwise, or is away.
    """
    attributes = dict(tags) if tags else None
    for _ in range(_MOST_ATTEMPTS - 1):
        try:
            return _create_once(objects, key, content, attributes)
        except BaseError as error:
            if not is_worth_repeating(error):
                raise
    return _create_once(objects, key, content, attributes)


def _create_once(objects: ObjectStore, key: str, content: bytes, tags: dict[str, str] | None) -> bool:
    try:
        objects.put(key, content, tags=tags, mode="create")
    except AlreadyExistsError:
        return False
    except BaseError as error:
        if may_be_unconditional(error) and _takes_other_writes(objects, tags):
            raise unconditional(key, error) from error
        raise
    return True


def _takes_other_writes(objects: ObjectStore, tags: dict[str, str] | None) -> bool:
    """Return whether storage takes an object with all that goes with one but the condition; it is removed at once."""
    probe = f"doctor/{token_hex(8)}.json"
    try:
        objects.put(probe, b"{}", tags=tags, use_multipart=False)
        objects.delete(probe)
    except BaseError:
        return False
    return True
