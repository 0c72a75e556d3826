"""Listing of a bucket by our own call, for pages that obstore refuses because of one name that it cannot express.

It returns every key with its last character. obstore removes a slash at the end, and would list a file that does not
exist.
"""

import hashlib
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from random import uniform
from time import sleep
from urllib.parse import quote, unquote_plus, urlencode, urlsplit

import httpx
from obstore import sign
from obstore.store import S3Store

from workspace_exports.aws.role import role_key
from workspace_exports.aws.sigv4 import Scope, SigV4Auth
from workspace_exports.network.certificates import AWS
from workspace_exports.network.http_client import open_client
from workspace_exports.storage.storage_errors import StorageRefusal
from workspace_exports.storage.stored_objects import StoredObject, is_expressible

_ATTEMPTS = 4
_FIRST_WAIT_SECONDS = 0.1
_EMPTY = hashlib.sha256(b"").hexdigest()
_PROBE = "x"
_LIFETIME = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Page:
    """Page of a listing: the content of one answer.

    Attributes:
        objects: the objects, with keys below the store's prefix.
        folders: the names of the folders directly below the requested prefix.
    """

    objects: list[StoredObject]
    folders: list[str]


def list_bucket(
    store: S3Store, prefix: str, environment: Mapping[str, str], *, after: str | None = None, delimiter: str = ""
) -> Iterator[Page]:
    """Yield the pages of the listing of a prefix, with calls signed by the same credentials as obstore's.

    Args:
        store: the store, with the bucket's place and the prefix of its keys.
        prefix: the prefix in the keys, with the slash at its end.
        environment: the variables with the credentials.
        after: the last key to leave out; all keys before it are left out too.
        delimiter: a slash, to list the folders directly below the prefix instead of their content.

    Raises:
        StorageRefusal: the storage refused, or its answer is no listing.
        ExportError: there are no credentials.
    """
    above = f"{store.prefix}/" if store.prefix else ""
    query = {"list-type": "2", "encoding-type": "url", "prefix": above + prefix}
    query |= {"start-after": above + after} if after else {}
    query |= {"delimiter": delimiter} if delimiter else {}
    auth = SigV4Auth(role_key(environment), Scope(store.config["region"], "s3"))
    with open_client(auth=auth, trust=AWS) as http:
        token: str | None = ""
        while token is not None:
            answer = _ask(http, _bucket_url(store), query | ({"continuation-token": token} if token else {}))
            page, token = _read(answer, above, prefix)
            yield page


def _bucket_url(store: S3Store) -> str:
    """Return the bucket's URL, cut from a link that obstore signs, because only obstore knows the form of its URLs."""
    parts = urlsplit(sign(store, "HEAD", _PROBE, _LIFETIME))
    above = parts.path.rsplit("/", f"{store.prefix}/{_PROBE}".count("/") + 1 if store.prefix else 1)[0]
    return f"{parts.scheme}://{parts.netloc}{above or '/'}"


def _ask(http: httpx.Client, url: str, query: Mapping[str, str]) -> bytes:
    """Return the answer's body; retry if the storage was busy or the connection broke."""
    for attempt in range(_ATTEMPTS - 1):
        try:
            return _ask_once(http, url, query)
        except StorageRefusal as refusal:
            if not refusal.is_passing:
                raise
            sleep(uniform(0, _FIRST_WAIT_SECONDS * 2**attempt))  # noqa: S311 - only spreads callers
    return _ask_once(http, url, query)


def _ask_once(http: httpx.Client, url: str, query: Mapping[str, str]) -> bytes:
    signed = {"x-amz-content-sha256": _EMPTY}
    try:
        answer = http.get(f"{url}?{urlencode(query, quote_via=quote, safe='~')}", headers=signed)
    except httpx.TimeoutException as error:
        raise StorageRefusal("HttpError { kind: Timeout") from error
    except httpx.TransportError as error:
        kind = "Connect" if isinstance(error, httpx.ConnectError) else "Interrupted"
        raise StorageRefusal(f"HttpError {{ kind: {kind}", is_passing=True) from error
    if answer.status_code == HTTPStatus.OK:
        return answer.content
    named = f"<Region>{answer.headers.get('x-amz-bucket-region', '')}</Region>"
    said = f"Server returned non-2xx status code: {answer.status_code} {named}: {answer.text}"
    is_passing = answer.status_code in {408, 429} or answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
    raise StorageRefusal(said, is_passing=is_passing)


def _read(answer: bytes, above: str, prefix: str) -> tuple[Page, str | None]:
    """Return a page and the token of the next page; the token is None for the last page."""
    try:
        root = _parsed(answer)
        is_encoded = root.findtext("{*}EncodingType") == "url"
        objects = [_stored(entry, above, is_encoded=is_encoded) for entry in root.iterfind("{*}Contents")]
        below = [_text(entry, "Prefix", is_encoded=is_encoded) for entry in root.iterfind("{*}CommonPrefixes")]
        token = _text(root, "NextContinuationToken") if root.findtext("{*}IsTruncated") == "true" else None
    except (ET.ParseError, ValueError, OverflowError) as error:
        raise StorageRefusal("the answer is no listing") from error
    folders = [folder.removeprefix(above + prefix).removesuffix("/") for folder in below]
    return Page(objects, [folder for folder in folders if folder and is_expressible(folder)]), token


def _parsed(answer: bytes) -> ET.Element:
    """Return the root of a document that declares no entities, because they could expand without limit.

    Raises:
        ValueError: the document has a declaration, or is no listing.
    """
    if b"<!" in answer:
        raise ValueError
    root = ET.fromstring(answer)  # noqa: S314 - see above
    if root.tag.rpartition("}")[2] != "ListBucketResult":
        raise ValueError
    return root


def _stored(entry: ET.Element, above: str, *, is_encoded: bool) -> StoredObject:
    key = _text(entry, "Key", is_encoded=is_encoded).removeprefix(above)
    written_at = datetime.fromisoformat(_text(entry, "LastModified")).astimezone(UTC)
    size_bytes, e_tag = int(_text(entry, "Size")), entry.findtext("{*}ETag")
    return StoredObject(key, size_bytes, written_at, e_tag, is_expressible(key))


def _text(entry: ET.Element, name: str, *, is_encoded: bool = False) -> str:
    text = entry.findtext(f"{{*}}{name}")
    if text is None:
        raise ValueError(name)
    return unquote_plus(text, errors="surrogateescape") if is_encoded else text
