"""Which part of a file a download gets."""

import re
from pathlib import Path

from local.standin.messages import Answer, Call, FileSlice
from local.standin.refusals import bad_range

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_RANGE = re.compile(r"bytes=(?P<first>\d*)-(?P<last>\d*)", re.ASCII)


def file_answer(call: Call, path: Path, digest: str, *, ranges: bool) -> Answer:
    """Answer the whole file, or the range asked for where ranges are served."""
    size, etag = path.stat().st_size, f'"{digest[:32]}"'
    headers = {"Content-Type": XLSX_TYPE, "ETag": etag}
    if not ranges:
        return Answer(status=200, headers=headers, body=FileSlice(path=path, offset=0, length=size))
    headers["Accept-Ranges"] = "bytes"
    wanted = _wanted_range(call, size, etag)
    if wanted is None:
        return Answer(status=200, headers=headers, body=FileSlice(path=path, offset=0, length=size))
    headers["Content-Range"] = f"bytes {wanted.start}-{wanted.stop - 1}/{size}"
    return Answer(status=206, headers=headers, body=FileSlice(path=path, offset=wanted.start, length=len(wanted)))


def _wanted_range(call: Call, size: int, etag: str) -> range | None:
    """Answer None for the whole file: no range, several ranges, or a file that changed since ``If-Range``."""
    match = _RANGE.fullmatch(call.header("Range") or "")
    if match is None or not any(match.groups()) or call.header("If-Range") not in (None, etag):
        return None
    wanted = _resolve(match["first"], match["last"], size)
    if not wanted:
        raise bad_range()
    return wanted


def _resolve(first: str, last: str, size: int) -> range:
    if not first:
        return range(max(0, size - int(last)), size)
    return range(int(first), min(size, int(last) + 1) if last else size)
