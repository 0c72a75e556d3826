"""Creation of an object only if its key is free, by a conditional write, which some storages do not support."""

from collections.abc import Mapping
from secrets import token_hex

from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import ObjectStore

from workspace_exports.storage.storage_errors import is_worth_repeating, may_be_unconditional, unconditional

_MOST_ATTEMPTS = 5


def create_object(objects: ObjectStore, key: str, content: bytes, tags: Mapping[str, str] | None) -> bool:
    """Write a small object unless the key is taken, and return whether it was written.

    False can also mean that an earlier attempt of this call wrote the object and its answer was lost. If the connection
    breaks off in a way that obstore does not retry for a create, this function retries at once.

    Raises:
        Misconfigured: the storage accepts other writes, but no write on the condition that the object is absent.
        BaseError: the storage refused for another reason, or is not available.
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
    """Return whether the storage accepts an object with all options but the condition; remove it at once."""
    probe = f"doctor/{token_hex(8)}.json"
    try:
        objects.put(probe, b"{}", tags=tags, use_multipart=False)
        objects.delete(probe)
    except BaseError:
        return False
    return True
