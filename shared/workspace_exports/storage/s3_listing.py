"""The listing of a bucket by our own call, for when obstore's refuses a whole page over one name it cannot express.

It tells every key to its last character; obstore takes a slash at the end off, and would show a file that is not there.
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
    """One answer.

    Attributes:
        objects: keys below the store's prefix.
        folders: the names of those right below the prefix that was asked for.
    """

    objects: list[StoredObject]
    folders: list[str]


def list_bucket(
    store: S3Store, prefix: str, environment: Mapping[str, str], *, after: str | None = None, delimiter: str = ""
) -> Iterator[Page]:
    """Page after page of what is below a prefix of the store's, with the key that obstore signs with.

    Args:
        store: says where the bucket is, and what its keys begin with.
        prefix: as it stands in the keys, its slash at the end included.
        environment: where the key is.
        after: leaves out the keys up to this one.
        delimiter: a slash, for the folders right below the prefix instead of what is in them.

    Raises:
        StorageRefusal: storage refused, or answers something else.
        ExportError: there is no key.
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
    """From a link of obstore's: it alone knows endpoints and their styles."""
    parts = urlsplit(sign(store, "HEAD", _PROBE, _LIFETIME))
    above = parts.path.rsplit("/", f"{store.prefix}/{_PROBE}".count("/") + 1 if store.prefix else 1)[0]
    return f"{parts.scheme}://{parts.netloc}{above or '/'}"


def _ask(http: httpx.Client, url: str, query: Mapping[str, str]) -> bytes:
    """The answer's body; asked for again where the storage was busy or the connection broke."""
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
    """A page and the token of the next one; None for the last."""
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
    """Of a document without entities of its own, which could grow without bound."""
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
