"""Zip files that are right, or that lie about themselves."""

import io
import random
import struct
import zipfile
from functools import cache

TAIL_BYTES = 256 * 1024
END = struct.Struct("<4s4H2IH")


def zip_of(**entries: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def with_end(content: bytes, comment: bytes = b"", **fields: int) -> bytes:
    """The same zip, its end record saying something else."""
    names = ("signature", "disk", "first_disk", "entries_here", "entries", "directory_bytes", "directory_at", "comment")
    record = dict(zip(names, END.unpack(content[-END.size :]), strict=True))
    return content[: -END.size] + END.pack(*(record | fields | {"comment": len(comment)}).values()) + comment


def zip64_of(content: bytes, **fields: int) -> bytes:
    """The same zip, its end told in a ZIP64 record and nowhere else."""
    *_, directory_bytes, directory_at, _ = END.unpack(content[-END.size :])
    record = {"entries": 0, "directory_bytes": directory_bytes, "directory_at": directory_at} | fields
    size, at = record["directory_bytes"], record["directory_at"]
    zip64 = struct.pack("<4sQ2H2I4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, record["entries"], record["entries"], size, at)
    # Where the directory really ends: the zip may have a ZIP64 record already, which goes.
    ends_at = directory_at + directory_bytes
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, ends_at, 1)
    ending = END.pack(b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return content[:ends_at] + zip64 + locator + ending


def in_directory(content: bytes, offset: int, value: bytes) -> bytes:
    """The same zip with other bytes in the directory's first entry."""
    at = content.index(b"PK\x01\x02") + offset
    return content[:at] + value + content[at + len(value) :]


def large_workbook() -> bytes:
    """A workbook larger than what is kept of a stream."""
    noise = random.Random(1).randbytes(TAIL_BYTES + 100_000)  # noqa: S311 - noise, not a secret
    return zip_of(**{"[Content_Types].xml": b"", "xl/workbook.xml": noise})


@cache
def many_entries() -> bytes:
    """More entries than the old end record can count: their directory is larger than what is kept of a stream."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(70_000):
            archive.writestr(zipfile.ZipInfo(f"{number}.csv"), b"")
    return buffer.getvalue()
