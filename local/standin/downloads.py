"""Which part of a file a download gets, and what tells one version of the file from another."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Literal

from local.standin.messages import Answer, Call, FileSlice
from local.standin.refusals import bad_range

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Validators = Literal["strong-etag", "weak-etag", "last-modified", "none"]
"""How a download tells its version; which of them the vendor does is not documented."""

_RANGE = re.compile(r"bytes=(?P<first>\d*)-(?P<last>\d*)", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    """A finished file; ``digest`` names its content, which has been the same since ``modified_at``."""

    path: Path
    digest: str
    modified_at: datetime


@dataclass(frozen=True, kw_only=True)
class DownloadTerms:
    """How files are served: whether Range and If-Range are honoured, and by which validators."""

    ranges: bool
    validators: Validators

    def answer(self, call: Call, file: StoredFile) -> Answer:
        """Answer the whole file, or the range asked for where ranges are served."""
        size, validator = file.path.stat().st_size, self._validator(file)
        headers = {"Content-Type": XLSX_TYPE, **validator}
        if not self.ranges:
            return Answer(status=200, headers=headers, body=FileSlice(path=file.path, offset=0, length=size))
        headers["Accept-Ranges"] = "bytes"
        wanted = _wanted_range(call, size, validator)
        if wanted is None:
            return Answer(status=200, headers=headers, body=FileSlice(path=file.path, offset=0, length=size))
        headers["Content-Range"] = f"bytes {wanted.start}-{wanted.stop - 1}/{size}"
        part = FileSlice(path=file.path, offset=wanted.start, length=len(wanted))
        return Answer(status=206, headers=headers, body=part)

    def _validator(self, file: StoredFile) -> dict[str, str]:
        etag = f'"{file.digest[:32]}"'
        match self.validators:
            case "strong-etag":
                return {"ETag": etag}
            case "weak-etag":
                return {"ETag": f"W/{etag}"}
            case "last-modified":
                return {"Last-Modified": format_datetime(file.modified_at, usegmt=True)}
            case "none":
                return {}


def _wanted_range(call: Call, size: int, validator: Mapping[str, str]) -> range | None:
    """Answer None for the whole file: no range, several ranges, or a file that changed since ``If-Range``.

    A weak validator never matches.
    """
    match = _RANGE.fullmatch(call.header("Range") or "")
    strong = {value for value in validator.values() if not value.startswith("W/")}
    if match is None or not any(match.groups()) or not {call.header("If-Range")} <= {None, *strong}:
        return None
    wanted = _resolve(match["first"], match["last"], size)
    if not wanted:
        raise bad_range(size)
    return wanted


def _resolve(first: str, last: str, size: int) -> range:
    if not first:
        return range(max(0, size - int(last)), size)
    return range(int(first), min(size, int(last) + 1) if last else size)
