"""Object storage of the archive, by URL: `s3://bucket/prefix`, `file:///path`, or `memory:///name` for tests."""

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from obstore import sign
from obstore.exceptions import BaseError, NotFoundError, UnauthenticatedError
from obstore.store import LocalStore, MemoryStore, ObjectStore, S3Store

from workspace_exports.core.errors import ArchiveUnavailable, Misconfigured
from workspace_exports.core.log import logger
from workspace_exports.core.redaction import printable, sanitize_url
from workspace_exports.storage.creating import create_object
from workspace_exports.storage.folder import create_file
from workspace_exports.storage.listing import Lister
from workspace_exports.storage.options import DEFAULT_OPTIONS, StoreOptions, Tags
from workspace_exports.storage.role_credentials import RoleCredentials
from workspace_exports.storage.s3 import lists_in_order, open_s3
from workspace_exports.storage.storage_errors import (
    StorageRefusal,
    code_of,
    has_broken_off,
    is_nameless_redirect,
    unavailable,
)
from workspace_exports.storage.stored_objects import StoredObject, is_expressible

_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_PART_BYTES = 8 * 1024 * 1024
_PARTS_IN_FLIGHT = 3
_PLACES = "Set ARCHIVE_URL to s3://bucket/prefix, or to file:///path of your own."
_MEMORIES: defaultdict[str, MemoryStore] = defaultdict(MemoryStore)
"""Stores in memory by URL; they exist until the process ends."""


class Store:
    """Store of objects by key, below one URL.

    Every method raises `ArchiveUnavailable` if the storage refuses or is not available.
    """

    def __init__(self, url: str, objects: ObjectStore, tags: Tags = (), *, in_order: bool = False) -> None:
        self.url = url.rstrip("/")
        self._objects = objects
        self._folder = objects.prefix if isinstance(objects, LocalStore) else None
        self._tags = dict(tags) or None
        self._lister = Lister(objects, in_order=in_order)

    def url_of(self, key: str) -> str:
        """Return the object's URL for its readers."""
        return f"{self.url}/{key}"

    def write(self, key: str, chunks: Iterable[bytes]) -> None:
        """Stream to one object in parts; an error of the chunks passes through unchanged and leaves no object."""
        with self._translated("write", key):
            self._objects.put(
                key, iter(chunks), tags=self._tags, chunk_size=_PART_BYTES, max_concurrency=_PARTS_IN_FLIGHT
            )

    def replace(self, key: str, content: bytes, content_type: str | None = None) -> None:
        """Write a small object in one request, and replace any object of that key.

        Args:
            key: the object's key.
            content: the whole content.
            content_type: the type that S3 gives to readers over HTTP; a folder keeps none.
        """
        takes_attributes = self._folder is None
        with self._translated("write", key):
            self._objects.put(
                key,
                content,
                attributes={"Content-Type": content_type} if content_type and takes_attributes else None,
                tags=self._tags,
                use_multipart=False,
            )

    def create(self, key: str, content: bytes) -> bool:
        """Write a small object unless the key is taken, in one atomic step.

        Args:
            key: the object's key.
            content: the whole content.

        Returns:
            True if the key now holds the content, False if the key was taken with other content. A taken key with
            exactly these bytes counts as written by this call, because the answer to the write may have been lost.

        Raises:
            Misconfigured: the storage cannot create an object only if it is absent.
        """
        with self._translated("create", key):
            try:
                return self._create(key, content) or self._read(key) == content
            except BaseError as error:
                if has_broken_off(error) and self._read(key) == content:
                    return True
                raise

    def read(self, key: str) -> bytes | None:
        """Return a small object; None if it does not exist."""
        with self._translated("read", key):
            return self._read(key)

    def link(self, key: str, lifetime: timedelta) -> str | None:
        """Return a signed https URL that reads this one object for the given time; None if the storage is not S3.

        A reader needs no credentials, only the URL. The URL expires with the credentials that sign it: those of a role
        may expire earlier.
        """
        if not isinstance(self._objects, S3Store):
            return None
        with self._translated("sign a link to", key):
            return sign(self._objects, "GET", key, lifetime)

    def chunks(self, key: str) -> Iterator[bytes]:
        """Yield a large object in chunks."""
        with self._translated("read", key):
            for chunk in self._objects.get(key):
                yield bytes(chunk)

    def keys(self, prefix: str) -> Iterator[str]:
        """Return all keys below the prefix, which names whole segments: `data/kind=a` is not above `data/kind=ab/x`."""
        return (stored.key for stored in self.objects(prefix))

    def objects(self, prefix: str, after: str | None = None, before: str | None = None) -> Iterator[StoredObject]:
        """Yield every object below the prefix, in no promised order, from the listing alone.

        A name that no key can express is skipped and logged. An object may come twice.

        Args:
            prefix: whole segments.
            after: the last key to leave out at the start; a storage that lists in order is not asked for the keys up
                to it.
            before: the first key to leave out at the end; a listing in order stops there.

        Raises:
            Misconfigured: a name stops the listing; the text says which one to remove or rename.
        """
        with self._translated("list", prefix):
            for stored in self._lister.within(prefix, after, before):
                if stored.is_readable:
                    yield stored
                else:
                    logger.warning("skipped a name that no key can express", key=printable(stored.key))

    def everything(self, prefix: str) -> Iterator[StoredObject]:
        """Yield every object below the prefix, and every entry that can be no object, by exact names."""
        with self._translated("list", prefix):
            yield from self._lister.exactly(prefix)

    def folders(self, prefix: str) -> list[str]:
        """Return the names of the folders directly below the prefix, without listing their content."""
        with self._translated("list", prefix):
            return self._lister.folders(prefix)

    def delete(self, key: str) -> None:
        """Remove an object that no manifest names; it is no error if the object is already gone."""
        with self._translated("delete", key), _absence_is_no_error():
            self._objects.delete(key)

    def _create(self, key: str, content: bytes) -> bool:
        if self._folder:
            return create_file(self._folder, key, content)
        return create_object(self._objects, key, content, self._tags)

    def _read(self, key: str) -> bytes | None:
        """Return a small object; in a folder, only if it is a regular file, because a pipe would block its reader."""
        if self._folder and is_expressible(key) and not (self._folder / key).is_file():
            return None
        with _absence_is_no_error():
            return bytes(self._objects.get(key).bytes())
        return None

    @contextmanager
    def _translated(self, verb: str, key: str) -> Iterator[None]:
        try:
            yield
        except UnauthenticatedError as error:
            raise self._without_credentials(verb, key) or unavailable(verb, key, error) from error
        except (BaseError, OSError, StorageRefusal) as error:
            told = self._lister.refusal() if is_nameless_redirect(error) else None
            raise unavailable(verb, key, told or error) from error

    def _without_credentials(self, verb: str, key: str) -> ArchiveUnavailable | None:
        credentials = getattr(self._objects, "credential_provider", None)
        failure = credentials.failure if isinstance(credentials, RoleCredentials) else None
        if failure is None:
            return None
        return ArchiveUnavailable(f"Could not {verb} {key!r} in the archive: {failure.what}", advice=failure.next_step)


@contextmanager
def _absence_is_no_error() -> Iterator[None]:
    """Ignore the error that an object is absent, but not the error that its bucket is absent."""
    try:
        yield
    except (NotFoundError, FileNotFoundError) as error:
        if code_of(error) == "NoSuchBucket":
            raise


@lru_cache(maxsize=8)
def open_store(url: str, options: StoreOptions = DEFAULT_OPTIONS) -> Store:
    """Return the store of an archive's URL, cached for the life of the container.

    Raises:
        Misconfigured: the URL has no form that we support, or its storage does not support the options; the folder
            cannot be made; or S3 has no region or credentials.
    """
    try:
        return Store(url, _open(url, options), options.tags, in_order=_lists_in_order(url))
    except (ValueError, BaseError):
        problem = "is neither s3://bucket/prefix nor file:///path"
    except OSError as error:
        problem = f"{sanitize_url(url)!r} cannot be written to ({error.strerror or type(error).__name__})"
    raise Misconfigured(f"ARCHIVE_URL {problem}", advice=_PLACES)


def _open(url: str, options: StoreOptions) -> LocalStore | MemoryStore | S3Store:
    parts = urlsplit(url)
    if parts.query or parts.fragment:
        raise ValueError
    if parts.scheme == "s3" and _BUCKET.fullmatch(parts.netloc):
        return open_s3(parts.netloc, parts.path.strip("/"), options, os.environ)
    if parts.netloc or not parts.path.startswith("/") or parts.scheme not in {"file", "memory"}:
        raise ValueError
    if options.kms_key_arn or options.tags:
        raise Misconfigured(
            "ARCHIVE_KMS_KEY_ARN and ARCHIVE_TAGS need an s3:// archive, "
            f"which ARCHIVE_URL {sanitize_url(url)!r} is not"
        )
    if parts.scheme == "memory":
        return _MEMORIES[url]
    return LocalStore(Path(unquote(parts.path)), mkdir=True, automatic_cleanup=True)


def _lists_in_order(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "memory" or (parts.scheme == "s3" and lists_in_order(parts.netloc, os.environ))
