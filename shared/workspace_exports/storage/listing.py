"""Listing of a storage, by obstore or by our own call, because obstore refuses a whole page for one bad name.

Our own code lists a folder. obstore, which is fast, lists a bucket until a page has a name that no key can express
(developmentseed/obstore#429), or a name that may have had a slash at its end. From there on `s3_listing` lists it.
"""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from obstore.exceptions import InvalidPathError
from obstore.store import LocalStore, ObjectStore, S3Store

from workspace_exports.core.errors import ExportError
from workspace_exports.storage.folder import list_files, subfolders
from workspace_exports.storage.s3 import has_key
from workspace_exports.storage.storage_errors import StorageRefusal, inexpressible
from workspace_exports.storage.stored_objects import StoredObject, advancing

if TYPE_CHECKING:
    from workspace_exports.storage.s3_listing import Page

_NOTHING_ABOVE = "/"
_SMALLEST_BYTES = 8
"""Lower limit for the size of the archive's records and of the vendor's files."""


class Lister:
    """Lister of one storage.

    Args:
        objects: the storage.
        in_order: True if the storage promises to list in the order of keys. AWS S3 does; directory buckets and some
            gateways do not.
    """

    def __init__(self, objects: ObjectStore, *, in_order: bool) -> None:
        self._objects = objects
        self._folder = objects.prefix if isinstance(objects, LocalStore) else None
        self._in_order = in_order

    def within(self, prefix: str, after: str | None, before: str | None) -> Iterator[StoredObject]:
        """Yield the objects below a prefix and between two keys, without these two; a key may come twice.

        A storage that promises to list in order is asked only for the keys after the first one. Its listing stops at
        the second key, unless keys have come out of order.

        Raises:
            ArchiveUnavailable: the listing does not end.
            Misconfigured: a name stops the listing.
            BaseError, OSError, StorageRefusal: the storage refuses.
        """
        in_order, last = self._in_order, ""
        for stored in advancing(self._listed(prefix, after if in_order else None), prefix):
            in_order, last = in_order and stored.key > last, stored.key
            if before is None or stored.key < before:
                if after is None or stored.key > after:
                    yield stored
            elif in_order:
                return

    def exactly(self, prefix: str) -> Iterator[StoredObject]:
        """Yield everything below a prefix, including names that no key can express.

        The prefix `/` is for the names that begin with a slash.
        """
        if self._can_list_exactly:
            yield from advancing(self._to_the_letter(prefix), prefix)
        elif prefix != _NOTHING_ABOVE:
            yield from advancing(self._listed(prefix), prefix)

    def folders(self, prefix: str) -> list[str]:
        """Return the names directly below the prefix that have objects or folders below them."""
        if self._folder:
            return subfolders(self._folder, prefix)
        try:
            below = self._objects.list_with_delimiter(prefix)["common_prefixes"]
        except InvalidPathError as error:
            self._demand_exactness(prefix, error)
            return [name for page in self._pages(prefix, delimiter="/") for name in page.folders]
        return [path.rpartition("/")[2] for path in below]

    def refusal(self) -> StorageRefusal | None:
        """Return the storage's refusal to list the bucket; None if the listing works or gets no answer."""
        try:
            if self._can_list_exactly:
                next(self._pages(""))
        except StorageRefusal as refusal:
            return refusal
        except ExportError:
            return None
        return None

    def _listed(self, prefix: str, after: str | None = None) -> Iterator[StoredObject]:
        return list_files(self._folder, prefix) if self._folder else self._listed_by_obstore(prefix, after)

    def _listed_by_obstore(self, prefix: str, after: str | None) -> Iterator[StoredObject]:
        """Yield obstore's objects, and change to our own listing at a page with a name that obstore cannot express.

        An object of almost no bytes also causes the change. It may be a tool's marker of a folder, and obstore removes
        the slash at the end of its name.
        """
        try:
            for page in self._objects.list(prefix, offset=after):
                if self._can_list_exactly and any(item["size"] < _SMALLEST_BYTES for item in page):
                    break
                for item in page:
                    yield StoredObject(item["path"], item["size"], item["last_modified"], item["e_tag"])
            else:
                return
        except InvalidPathError as error:
            self._demand_exactness(prefix, error)
        yield from self._to_the_letter(prefix, after)

    def _to_the_letter(self, prefix: str, after: str | None = None) -> Iterator[StoredObject]:
        return (stored for page in self._pages(prefix, after=after) for stored in page.objects)

    def _pages(self, prefix: str, *, after: str | None = None, delimiter: str = "") -> "Iterator[Page]":
        from workspace_exports.storage.s3_listing import list_bucket  # noqa: PLC0415 - an HTTP client, which few callers need

        below = f"{prefix.rstrip('/')}/" if prefix else ""
        return list_bucket(cast("S3Store", self._objects), below, os.environ, after=after, delimiter=delimiter)

    @property
    def _can_list_exactly(self) -> bool:
        """True on S3 if our code can read the credentials.

        In some containers only obstore can get them.
        """
        return isinstance(self._objects, S3Store) and has_key(os.environ)

    def _demand_exactness(self, prefix: str, error: InvalidPathError) -> None:
        if not self._can_list_exactly:
            raise inexpressible(prefix, error) from error
