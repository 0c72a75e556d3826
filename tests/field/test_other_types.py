"""Whole files of another type than their name says (qax-os/excelize#1877, tealeg/xlsx#303): F4, describing."""

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zlib

import pytest

from tests.field.finished import finished
from tests.support.builders.examples import workbook
from tests.support.builders.zip_files import many_entries, zip64_of, zip_of
from tests.support.checks.landed import landed
from tests.support.fixtures.handlers import Call
from tests.support.servers.raw_http import Wire, message
from workspace_exports.archive.file_checks import Inspection
from workspace_exports.core.errors import BadFile
from workspace_exports.storage.store import Store

FOLDER = pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
BOOK = workbook()
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
PROGRAM = b"MZ\x90\x00\x03\x00" + bytes(200)


def tar_of(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        entry = tarfile.TarInfo("records.xlsx")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def self_extracting() -> bytes:
    """Its directory tells places in the whole file, as a tool writes it that knows of the program."""
    end = struct.Struct("<4s4H2IH")
    *facts, at, comment = end.unpack(BOOK[-end.size :])
    moved = bytearray(BOOK)
    for place in range(len(BOOK) - 46):
        if BOOK[place : place + 4] == b"PK\x01\x02":
            (offset,) = struct.unpack_from("<I", BOOK, place + 42)
            struct.pack_into("<I", moved, place + 42, offset + len(PROGRAM))
    return PROGRAM + bytes(moved[: -end.size]) + end.pack(*facts, at + len(PROGRAM), comment)


def cut_behind_an_inner_zip64(pad_bytes: int) -> tuple[bytes, str]:
    """A zip with another in it, cut one byte behind the inner one: its end is no end of the file."""
    inner = zip64_of(BOOK)
    outer = zip_of(a=bytes(pad_bytes), inner=inner)
    return outer[: outer.index(inner) + len(inner) + 1], "cut short"


OTHER = [
    pytest.param(OLE, "an OLE compound file (an encrypted workbook, or an .xls)", id="qax-os/excelize#1877"),
    pytest.param(gzip.compress(BOOK, mtime=0), "a gzip file", id="gzip"),
    pytest.param(bz2.compress(BOOK), "a bzip2 file", id="bzip2"),
    pytest.param(lzma.compress(BOOK), "an xz file", id="xz"),
    pytest.param(b"Rar!\x1a\x07\x01\x00" + bytes(50), "a RAR archive", id="rar"),
    pytest.param(b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(24), "a 7z archive", id="7z"),
    pytest.param(b"\x28\xb5\x2f\xfd" + bytes(20), "a zstd file", id="zstd"),
    pytest.param(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "a PDF document", id="pdf"),
    pytest.param(b"PK\x05\x06" + bytes(18), "a zip without entries", id="zip-without-entries"),
    pytest.param(b"user,ip\r\nanna,10.0.0.1\r\n", "plain text", id="a-csv"),
    pytest.param("用户,地址\r\n".encode("gb18030"), "plain text", id="a-csv-in-gb18030"),
    pytest.param("用户,地址\r\n".encode("utf-16"), "plain text (UTF-16)", id="a-csv-in-utf-16"),
    pytest.param(PROGRAM + BOOK, "a zip with bytes before it", id="self-extracting"),
    pytest.param(self_extracting(), "a zip with bytes before it", id="self-extracting, places moved"),
    pytest.param(PROGRAM + many_entries(), "a Windows program", id="self-extracting, its directory too long"),
    pytest.param(b"\r\n" + BOOK, "a zip with bytes before it", id="a-line-end-before-the-zip"),
    pytest.param(b"Warning: x\n" + BOOK, "a zip with bytes before it", id="a-warning-before-the-zip"),
    pytest.param(b"\xef\xbb\xbf" + BOOK, "a zip with bytes before it", id="a-mark-before-the-zip"),
    pytest.param(BOOK + b"\n", "a zip with bytes after it", id="a-line-end-behind-the-zip"),
    pytest.param(BOOK + bytes(1000), "a zip with bytes after it", id="zeros-behind-the-zip"),
    pytest.param(BOOK + b"<html>", "a zip with bytes after it", id="a-page-behind-the-zip"),
    pytest.param(zip64_of(BOOK) + b"\n", "a zip with bytes after it", id="behind-a-ZIP64"),
    pytest.param(many_entries() + b"\n", "a zip with bytes after it", id="behind-a-long-directory"),
    pytest.param(b"PAR1" + bytes(8), "a Parquet file", id="parquet"),
    pytest.param(
        b"\x62\x14\x23\x65" + bytes(60), "of no type known here, beginning with the bytes 62 14 23 65", id="?"
    ),
    pytest.param(tar_of(BOOK), "of no type known here, beginning with the bytes 72 65 63 6f", id="tar"),
]
DAMAGED = [
    pytest.param(BOOK[1:], "first bytes are missing", id="the-first-byte-missing"),
    pytest.param(BOOK[5:], "first bytes are missing", id="five-bytes-missing"),
    pytest.param(b"X" + BOOK[1:], "missing or damaged", id="the-first-byte-changed"),
    pytest.param(bytes(1000), "none of them identifies its type", id="zeros"),
    pytest.param(b" \r\n" * 100, "none of them identifies its type", id="blanks"),
    pytest.param(b"P", "none of them identifies its type", id="one-byte-of-a-zip"),
    pytest.param(b"PK\x03", "none of them identifies its type", id="three-bytes-of-a-zip"),
    pytest.param(BOOK[:-1], "cut short", id="the-last-byte-missing"),
    pytest.param(BOOK[: len(BOOK) // 2], "cut short", id="half-a-zip"),
    pytest.param(zip64_of(many_entries())[:-30] + zip64_of(many_entries())[-22:], "cut short|garbled", id="no-locator"),
    pytest.param(zip_of(a=b"x", inner=BOOK)[:-40], "cut short", id="a-zip-in-a-zip-cut"),
    pytest.param(*cut_behind_an_inner_zip64(pad_bytes=10), id="a-ZIP64-in-a-zip-cut"),
    pytest.param(*cut_behind_an_inner_zip64(pad_bytes=256 * 1024 - 66), id="a-ZIP64-at-256-KiB-cut"),
    pytest.param(BOOK + BOOK, "not where it says", id="two-in-a-row"),
    pytest.param(b"PK\x03\x04" + zlib.compress(BOOK), "cut short", id="magic-and-noise"),
    pytest.param(b"<html>" + BOOK, "web page", id="a-page-before-the-zip"),
    pytest.param(b'{"error_code": "WKS.1"}', "JSON", id="JSON"),
    pytest.param(b"Internal Server Error", "text of an error", id="an-error-in-words"),
]


def type_of(content: bytes) -> str | None:
    """What a refusal of it says."""
    with pytest.raises(BadFile) as caught:
        list(Inspection(len(content), ".xlsx").watch([content]))
    return caught.value.says


def taken(content: bytes, announced: int | None, accepted_type: str | None) -> Inspection:
    inspection = Inspection(announced, ".xlsx", accepted_type)
    assert b"".join(inspection.watch([content[at : at + 700] for at in range(0, len(content), 700)])) == content
    return inspection


@FOLDER
@pytest.mark.parametrize(("content", "what"), OTHER)
def test_a_file_of_another_type_is_refused_and_told_what_it_is(
    content: bytes, what: str, environment: pytest.MonkeyPatch, fetch: Call, store: Store
) -> None:
    with Wire(lambda _: message(content)) as vendor:
        environment.setenv("WORKSPACE_ENDPOINT", vendor.url)
        with pytest.raises(BadFile) as caught:
            fetch(**finished())
    assert f": it is {what}" in caught.value.what
    assert caught.value.is_whole
    assert (caught.value.says or "").startswith(what)
    assert landed(store) == []


@pytest.mark.parametrize(("content", "what"), OTHER)
def test_it_is_taken_as_unknown_where_its_type_is_accepted(content: bytes, what: str) -> None:
    inspection = taken(content, len(content), type_of(content))
    assert inspection.format == "unknown"
    assert (inspection.note or "").startswith(f"The file is {what}")
    with pytest.raises(BadFile):
        taken(content, len(content), "another type")


@pytest.mark.parametrize(("content", "what"), OTHER)
def test_without_an_announced_length_it_is_not_known_to_be_whole(content: bytes, what: str) -> None:
    with pytest.raises(BadFile) as caught:
        taken(content, None, type_of(content))
    assert (caught.value.is_whole, caught.value.says) == (False, None)


@pytest.mark.parametrize(("content", "says"), DAMAGED)
def test_a_damaged_file_is_never_taken_as_one_of_another_type(content: bytes, says: str) -> None:
    with pytest.raises(BadFile, match=says) as caught:
        taken(content, len(content), None)
    assert (caught.value.is_whole, caught.value.says) == (True, None)


def test_a_workbook_needs_no_note() -> None:
    inspection = taken(BOOK, len(BOOK), None)
    assert (inspection.format, inspection.note) == ("xlsx", None)


@pytest.mark.parametrize("behind", [1, 22, 70_000])
def test_every_zip_with_bytes_behind_it_is_told_how_many(behind: int) -> None:
    content = BOOK + b"\n" * behind
    with pytest.raises(BadFile, match=f"continues for {behind} bytes after its end"):
        list(Inspection(len(content), ".zip").watch([content]))
