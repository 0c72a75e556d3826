"""Requests for the rest of a file, and checks of the answers: bytes of two versions are never joined.

Source: RFC 9110, sections 8.8 (validators), 13.1.5 (If-Range), 14 (range requests) and 15.3.7 (206).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from workspace_exports.client.retry import http_date
from workspace_exports.core.errors import BadFile
from workspace_exports.core.redaction import quoted

_STRONG_ETAG = re.compile(r'"[\x21\x23-\x7e]*"')
_LENGTH = re.compile(r"[0-9]{1,18}")
_CONTENT_RANGE = re.compile(r"bytes (?P<first>[0-9]{1,18})-(?P<last>[0-9]{1,18})/(?P<total>[0-9]{1,18}|\*)")
_CLOCK_TICK = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Version:
    """Known facts about one version of a file.

    Attributes:
        etag: as the vendor wrote it, a weak one too; None if it wrote none.
        last_modified: as the vendor wrote it; None unless it names one version only.
        size_bytes: the length of the whole file; None if it was not announced.
    """

    etag: str | None = None
    last_modified: str | None = None
    size_bytes: int | None = None

    @property
    def strong_etag(self) -> str | None:
        """ETag of this version if equal ETags mean equal bytes, else None."""
        return self.etag if self.etag is not None and _STRONG_ETAG.fullmatch(self.etag) else None

    @property
    def validator(self) -> str | None:
        """Value for If-Range: a strong ETag, or the date of a file that has no ETag at all."""
        return self.last_modified if self.etag is None else self.strong_etag

    def range_headers(self, position: int) -> dict[str, str]:
        """Return the headers that request this version from that byte on.

        They are empty, which requests the whole file, at position 0 and if a range could join two versions.
        """
        if not position or self.validator is None:
            return {}
        return {"Range": f"bytes={position}-", "If-Range": self.validator}


@dataclass(frozen=True, slots=True)
class Part:
    """Part of the file that an answer's body holds.

    Attributes:
        version: the file's version.
        starts_at: the position of the body's first byte.
        ends_at: the position behind its last byte; None if that was not announced.
        is_proven: True if the headers prove that it is the version begun; otherwise the bytes themselves must.
    """

    version: Version
    starts_at: int
    ends_at: int | None
    is_proven: bool


def changed(how: str) -> BadFile:
    """Return the error for a file that is no longer the version that was begun."""
    return BadFile(f"The vendor's file changed while it was being read ({how}), so the download must start again")


def first_part(status: int, headers: Mapping[str, str]) -> Part | None:
    """Return the part in a success for a request for the whole file; None if the answer does not count as a file.

    Only a 200 holds the whole file, or a 203 if a proxy is in between. A 206 that was not requested counts if it begins
    at the first byte and names the file's end, because then the rest can be requested.

    Args:
        status: HTTP status of the answer.
        headers: looked up in lower case.
    """
    if status in (HTTPStatus.OK, HTTPStatus.NON_AUTHORITATIVE_INFORMATION):
        return whole_file(headers)
    if status != HTTPStatus.PARTIAL_CONTENT:
        return None
    found = _CONTENT_RANGE.fullmatch(headers.get("content-range", ""))
    if found is None or int(found["first"]) != 0 or found["total"] == "*":
        return None
    ends_at, size_bytes = int(found["last"]) + 1, int(found["total"])
    version = Version(headers.get("etag"), _strong_last_modified(headers), size_bytes)
    return Part(version, starts_at=0, ends_at=ends_at, is_proven=True) if ends_at <= size_bytes else None


def whole_file(headers: Mapping[str, str]) -> Part:
    """Return the part in an answer that holds all of the file; headers are looked up in lower case.

    Content-Length does not count beside Transfer-Encoding (RFC 9112, section 6.3).
    """
    length = "" if "transfer-encoding" in headers else headers.get("content-length", "")
    size_bytes = int(length) if _LENGTH.fullmatch(length) else None
    version = Version(headers.get("etag"), _strong_last_modified(headers), size_bytes)
    return Part(version, starts_at=0, ends_at=size_bytes, is_proven=True)


def rest_of_file(begun: Version, position: int, status: int, headers: Mapping[str, str]) -> Part:
    """Return the part in a success that answers `begun.range_headers(position)`.

    Raises:
        BadFile: the part is of another version, or not the requested one.
    """
    if status == HTTPStatus.PARTIAL_CONTENT:
        return _range(begun, position, headers)
    if status not in (HTTPStatus.OK, HTTPStatus.NON_AUTHORITATIVE_INFORMATION):
        raise BadFile(f"The vendor answered {status} where the rest of a file was asked for")
    return _file_anew(begun, headers)


def check_nothing_is_left(begun: Version, position: int, headers: Mapping[str, str]) -> None:
    """Check that a 416 means that all bytes had come when the connection broke.

    Raises:
        BadFile: the file is shorter now or has changed, or the answer does not say.
    """
    if begun.validator is None or headers.get("content-range") != f"bytes */{position}":
        raise changed("it ends before the part that has arrived")
    _require_same_validator(begun, headers)


def _range(begun: Version, position: int, headers: Mapping[str, str]) -> Part:
    text = headers.get("content-range", "")
    found = _CONTENT_RANGE.fullmatch(text)
    if found is None or begun.validator is None or int(found["first"]) != position:
        raise BadFile(f"The vendor sent another part of the file than the one from byte {position} on: {quoted(text)}")
    ends_at, total = int(found["last"]) + 1, None if found["total"] == "*" else int(found["total"])
    _require_same_validator(begun, headers)
    size_bytes = _common_size(begun.size_bytes, total)
    if size_bytes is None:
        raise BadFile(f"The answer with a part of the file does not say where the file ends: {quoted(text)}")
    if not position < ends_at <= size_bytes:
        raise BadFile(f"The vendor sent an impossible part of the file: {quoted(text)}")
    version = Version(begun.etag, begun.last_modified, size_bytes)
    return Part(version, position, ends_at, is_proven=True)


def _file_anew(begun: Version, headers: Mapping[str, str]) -> Part:
    now = whole_file(headers).version
    if begun.strong_etag or (begun.etag and now.etag):
        _require_etag(begun.etag, now.etag)
    size_bytes = _common_size(begun.size_bytes, now.size_bytes)
    version = Version(now.etag, now.last_modified, size_bytes)
    return Part(version, starts_at=0, ends_at=size_bytes, is_proven=begun.strong_etag is not None)


def _require_same_validator(begun: Version, headers: Mapping[str, str]) -> None:
    """Raise if the ETag or the date is another one; an answer to If-Range may leave them out."""
    _require_etag(begun.etag, headers.get("etag", begun.etag))
    if begun.etag is None and headers.get("last-modified", begun.last_modified) != begun.last_modified:
        raise changed("its date differs")


def _require_etag(begun: str | None, now: str | None) -> None:
    if now != begun:
        raise changed("its ETag differs")


def _common_size(begun: int | None, now: int | None) -> int | None:
    if None not in (begun, now) and begun != now:
        raise changed(f"it had {begun} bytes and has {now}")
    return now if begun is None else begun


def _strong_last_modified(headers: Mapping[str, str]) -> str | None:
    """Return the file's date if no other version can have it: it is at least a second before the answer's own."""
    text = headers.get("last-modified", "")
    modified, answered = http_date(text), http_date(headers.get("date", ""))
    if modified is None or answered is None or not (text.isascii() and text.isprintable()):
        return None
    return text if answered - modified >= _CLOCK_TICK else None
