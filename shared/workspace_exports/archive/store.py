"""The archive's object storage, by URL: `s3://bucket/prefix`, or `file:///path` for local runs."""

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError
from obstore.store import LocalStore, ObjectStore, S3Store

from workspace_exports.errors import ArchiveUnavailable, Misconfigured
from workspace_exports.loopback import is_loopback
from workspace_exports.quoting import line

_PART_BYTES = 8 * 1024 * 1024
_PARTS_IN_FLIGHT = 3
_PART_TIMEOUT = "120s"
_S3_CODE = re.compile(r"<Code>(\w{1,64})</Code>")


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What a listing says of one object; `written_at` is UTC, by the storage's clock."""

    key: str
    size_bytes: int
    written_at: datetime


class Store:
    """Objects by key, below one URL. Every method raises `ArchiveUnavailable` where storage refuses or is away."""

    def __init__(self, url: str, objects: ObjectStore) -> None:
        self.url = url.rstrip("/")
        self._objects = objects

    def url_of(self, key: str) -> str:
        """Where a reader finds the object."""
        return f"{self.url}/{key}"

    def write(self, key: str, chunks: Iterable[bytes]) -> None:
        """Streams to one object in parts; what the chunks raise comes out unchanged and leaves no object."""
        with _translated("write", key):
            self._objects.put(key, iter(chunks), chunk_size=_PART_BYTES, max_concurrency=_PARTS_IN_FLIGHT)

    def create(self, key: str, content: bytes) -> bool:
        """Writes a small object unless the key is taken, in one atomic step; False if it is taken."""
        with _translated("create", key):
            try:
                self._objects.put(key, content, mode="create")
            except AlreadyExistsError:
                return False
            return True

    def read(self, key: str) -> bytes | None:
        """A small object, or None where there is none."""
        with _translated("read", key):
            try:
                return bytes(self._objects.get(key).bytes())
            except (NotFoundError, FileNotFoundError):
                return None

    def chunks(self, key: str) -> Iterator[bytes]:
        """A large object, piece by piece."""
        with _translated("read", key):
            for chunk in self._objects.get(key):
                yield bytes(chunk)

    def keys(self, prefix: str) -> Iterator[str]:
        """Every key below the prefix, which names whole segments: `data/kind=a` is not above `data/kind=ab/x`."""
        return (stored.key for stored in self.objects(prefix))

    def objects(self, prefix: str) -> Iterator[StoredObject]:
        """Every object below the prefix, in no promised order; nothing is read but the listing."""
        with _translated("list", prefix):
            for page in self._objects.list(prefix):
                for item in page:
                    yield StoredObject(str(item["path"]), item["size"], item["last_modified"].astimezone(UTC))

    def delete(self, key: str) -> None:
        """Removes an object that nothing names."""
        with _translated("delete", key):
            self._objects.delete(key)


@lru_cache(maxsize=8)
def open_store(url: str) -> Store:
    """The store behind an archive URL; kept for the life of the container.

    Raises:
        Misconfigured: the URL is of no kind we can write to, or the folder cannot be made.
    """
    try:
        return _open(url)
    except (ValueError, BaseError):
        raise Misconfigured(f"ARCHIVE_URL {line(url)!r} is neither s3://bucket/prefix nor file:///path") from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise Misconfigured(f"ARCHIVE_URL {line(url)!r} cannot be written to ({reason})") from None


def _open(url: str) -> Store:
    parts = urlsplit(url)
    if parts.scheme == "s3" and parts.netloc:
        return Store(url, _s3(parts.netloc, parts.path.strip("/")))
    if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
        return Store(url, LocalStore(Path(unquote(parts.path)), mkdir=True, automatic_cleanup=True))
    raise ValueError


def _s3(bucket: str, prefix: str) -> S3Store:
    """Region, credentials and endpoint come from the AWS SDK's own variables.

    The payload is not hashed a second time for the signature where TLS protects it.
    """
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""
    local = is_loopback(endpoint)
    return S3Store(
        bucket,
        prefix=prefix or None,
        unsigned_payload=not local,
        client_options={"allow_http": local, "timeout": _PART_TIMEOUT},
    )


@contextmanager
def _translated(verb: str, key: str) -> Iterator[None]:
    try:
        yield
    except (BaseError, OSError) as error:
        raise ArchiveUnavailable(f"Could not {verb} {key!r} in the archive ({_reason(error)})") from error


def _reason(error: Exception) -> str:
    """S3's own code where there is one. Never the whole text: it may quote the request, keys and all."""
    code = _S3_CODE.search(str(error))
    return f"{type(error).__name__}: {code[1]}" if code else type(error).__name__
