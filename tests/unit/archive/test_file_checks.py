"""What passes for the vendor's file and what does not: every cut, every lie, and whatever anybody may send."""

import hashlib
import io
import zipfile
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.builders.examples import workbook
from tests.support.builders.zip_files import (
    END,
    TAIL_BYTES,
    in_directory,
    large_workbook,
    many_entries,
    with_end,
    zip64_of,
    zip_of,
)
from tests.support.hostile import zips
from workspace_exports.archive.file_checks import Inspection
from workspace_exports.core.errors import BadFile

BOOK = workbook()
CHINESE = "用户,地址\n张三,10.0.0.1\n李四,10.0.0.2\n"
NOT_ASCII = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)


def pieces(content: bytes, size: int) -> Iterator[bytes]:
    return (content[at : at + size] for at in range(0, len(content), size))


def inspect(content: bytes, announced: int | None = None, size: int = 700, extension: str = ".xlsx") -> Inspection:
    inspection = Inspection(announced, extension)
    assert b"".join(inspection.watch(pieces(content, size))) == content
    return inspection


class TestTheFile:
    def test_knows_size_digest_and_format(self) -> None:
        seen = inspect(BOOK, announced=len(BOOK))
        assert (seen.size_bytes, seen.sha256, seen.format) == (len(BOOK), hashlib.sha256(BOOK).hexdigest(), "xlsx")

    @given(size=st.integers(1, 5000), text=st.text(max_size=20))
    def test_a_genuine_workbook_passes_whatever_it_says_and_however_it_comes(self, size: int, text: str) -> None:
        assert inspect(workbook(f"a {text}"), size=size).format == "xlsx"

    @pytest.mark.parametrize("size", [1000, TAIL_BYTES - 1, TAIL_BYTES, TAIL_BYTES + 1, 10 * TAIL_BYTES])
    def test_a_large_one_is_judged_by_its_tail(self, size: int) -> None:
        assert inspect(large_workbook(), size=size).format == "xlsx"
        with pytest.raises(BadFile, match="cut short"):
            inspect(large_workbook()[:-1], size=size)

    def test_what_is_kept_does_not_grow_with_the_stream_nor_with_its_chunks(self) -> None:
        inspection = Inspection(None, ".bin")
        chunks = iter([b"x" * 10 * TAIL_BYTES, *[b"", b"x" * 50_000] * 100])
        kept = 0
        for _ in inspection.watch(chunks):
            kept = max(kept, inspection._tail._size_bytes)
        assert TAIL_BYTES <= kept < 2 * TAIL_BYTES

    @given(size=st.integers(1000, 600_000))
    def test_how_it_comes_decides_nothing_about_a_directory_longer_than_what_is_kept(self, size: int) -> None:
        assert inspect(zips.directory_too_long_to_be_kept(), size=size).format == "xlsx"

    @pytest.mark.parametrize("size", [1, 2, 3])
    def test_an_error_in_place_of_a_file_is_seen_however_it_comes(self, size: int) -> None:
        with pytest.raises(BadFile, match="JSON came instead"):
            inspect(b'\r\n {"error_code": "WKS.1"}', size=size, extension=".bin")

    @pytest.mark.parametrize(("more", "is_whole"), [(0, True), (1, False), (None, False)])
    def test_a_bad_file_is_known_to_be_whole_only_by_its_length(self, more: int | None, *, is_whole: bool) -> None:
        body = b"<html>"
        with pytest.raises(BadFile) as caught:
            inspect(body, announced=None if more is None else len(body) + more)
        assert caught.value.is_whole is is_whole

    @given(cut=st.integers(0, len(BOOK) - 1), size=st.integers(1, 5000))
    def test_no_cut_workbook_passes_wherever_it_is_cut(self, cut: int, size: int) -> None:
        with pytest.raises(BadFile):
            inspect(BOOK[:cut], size=size)

    def test_every_single_cut_of_a_zip_in_a_zip_is_refused(self) -> None:
        """One of them ends where the inner zip does, with a whole directory of its own."""
        nested = zip_of(**{"[Content_Types].xml": b"", "xl/embedded.xlsx": zip_of(inner=b"content")})
        assert inspect(nested).format == "xlsx"
        for cut in range(len(nested)):
            with pytest.raises(BadFile):
                inspect(nested[:cut])

    @given(at=st.integers(4, len(BOOK) - 1), extra=st.binary(min_size=1, max_size=50))
    def test_bytes_that_were_never_in_it_are_noticed(self, at: int, extra: bytes) -> None:
        """As by a transfer that was resumed at the wrong place."""
        with pytest.raises(BadFile):
            inspect(BOOK[:at] + extra + BOOK[at:])

    @pytest.mark.parametrize("difference", [-len(BOOK), -1, 1])
    def test_another_length_than_announced_is_a_bad_file(self, difference: int) -> None:
        announced = len(BOOK) + difference
        with pytest.raises(BadFile, match=f"{len(BOOK)} bytes where {announced} were announced"):
            inspect(BOOK, announced)

    @pytest.mark.parametrize(
        ("content", "says"),
        [
            (b"<!DOCTYPE html><p>Sign in", "web page"),
            (b"\xef\xbb\xbf\r\n <HTML>", "web page"),
            ("\ufeff<html>".encode("utf-16-le"), "web page"),
            ("\ufeff<html>".encode("utf-16-be"), "web page"),
            (b'<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>', "web page or XML"),
            (b"<!-- proxy --><html>", "web page"),
            pytest.param(b" " * 5000 + b"<html>", "web page", id="page-behind-blanks"),
            (b'{"error_code": "WKS.0001"}', "JSON came instead"),
            (b'{"code": "APIGW.0308"}', "JSON came instead"),
            pytest.param(
                b'{"filler": "' + b"x" * 2000 + b'", "error_code": "WKS.1"}', "JSON came instead", id="late-error-code"
            ),
            (b"Internal Error", "The text of an error came instead"),
            (b"some words", "is no workbook.*: it is plain text"),
            (b"PK\x03", "is no workbook"),
            (b"P", "is no workbook"),
            (b"\x00", "is no workbook"),
            pytest.param(bytes(1000), "is no workbook", id="zeros"),
            pytest.param(b"PK\x05\x06" + bytes(18), "is no workbook", id="empty-zip"),
            pytest.param(BOOK[1:], "is no workbook", id="first-byte-missing"),
            pytest.param(b"#!/bin/sh\n" + BOOK, "is no workbook", id="program-before-zip"),
            pytest.param(BOOK[:-1], "cut short", id="last-byte-missing"),
            pytest.param(BOOK + b"x", "continues for 1 bytes after its end", id="byte-after-the-end"),
            pytest.param(b"PK\x03\x04", "cut short", id="magic-alone"),
            pytest.param(b"PK\x03\x04" + bytes(1000), "cut short", id="magic-and-zeros"),
            pytest.param(BOOK[: len(BOOK) // 2] + BOOK[-END.size :], "cut short", id="middle-missing"),
            pytest.param(BOOK + BOOK, "is not where it says", id="twice-in-a-row"),
            pytest.param(in_directory(BOOK, 0, b"XX"), "garbled", id="no-directory-entry"),
            pytest.param(in_directory(BOOK, 28, b"\xff\xff"), "garbled", id="name-longer-than-the-directory"),
            pytest.param(with_end(BOOK, directory_bytes=30), "garbled", id="directory-of-half-an-entry"),
            pytest.param(with_end(BOOK, entries=0, directory_bytes=0), "is not where", id="no-directory"),
            pytest.param(with_end(BOOK, entries=1), "garbled", id="more-entries-than-are-told"),
            pytest.param(b"PK\x03\x04" + zip_of()[-END.size :], "is not where", id="magic-and-end-record"),
            pytest.param(with_end(BOOK, directory_bytes=0xFFFFFFFE), "cut short", id="directory-too-large"),
            pytest.param(with_end(BOOK, directory_at=0xFFFFFFFE), "cut short", id="directory-too-far"),
            pytest.param(with_end(BOOK, directory_bytes=0xFFFFFFFF), "garbled", id="zip64-without-a-record"),
            pytest.param(with_end(BOOK, comment=BOOK[-END.size :] + b"."), "cut short", id="end-record-in-a-comment"),
            pytest.param(with_end(BOOK, comment=BOOK[-END.size :]), "garbled", id="end-record-that-is-a-comment"),
            pytest.param(zip64_of(BOOK, directory_bytes=2**64 - 1), "garbled", id="zip64-directory-too-large"),
            pytest.param(zip64_of(BOOK, directory_bytes=2**63), "garbled", id="zip64-directory-negative"),
        ],
    )
    def test_what_is_not_the_file_is_a_bad_file(self, content: bytes, says: str) -> None:
        with pytest.raises(BadFile, match=says):
            inspect(content)

    @given(content=st.binary(max_size=300), extension=st.sampled_from([".xlsx", ".csv", ".zip", ".bin"]))
    def test_anything_at_all_passes_or_is_a_bad_file(self, content: bytes, extension: str) -> None:
        passes_or_is_bad(content, extension)

    @given(st.data())
    def test_a_changed_zip_passes_or_is_a_bad_file(self, data: st.DataObject) -> None:
        content = bytearray(data.draw(st.sampled_from([BOOK, zip64_of(BOOK)])))
        directory = content.index(b"PK\x01\x02")
        for at in data.draw(st.lists(st.integers(directory, len(content) - 1), min_size=1, max_size=6)):
            content[at] = data.draw(st.integers(0, 255))
        passes_or_is_bad(bytes(content), ".xlsx")

    @given(st.lists(st.sampled_from([b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"])
                    | st.binary(max_size=30) | st.integers(0, 80).map(bytes), max_size=20))  # fmt: skip
    def test_zips_made_of_their_signatures_pass_or_are_bad_files(self, parts: list[bytes]) -> None:
        passes_or_is_bad(b"PK\x03\x04" + b"".join(parts), ".zip")


def passes_or_is_bad(content: bytes, extension: str) -> None:
    inspection = Inspection(len(content), extension)
    try:
        seen = b"".join(inspection.watch(pieces(content, 70)))
    except BadFile:
        return
    assert seen == content
    assert inspection.format in {"xlsx", "zip", "csv", "unknown"}


class TestZips:
    @pytest.mark.parametrize("extension", [".xlsx", ".zip", ".csv", ".bin"])
    @pytest.mark.parametrize(
        ("content", "format_"),
        [
            pytest.param(BOOK, "xlsx", id="workbook"),
            pytest.param(zip64_of(BOOK), "xlsx", id="workbook-zip64"),
            pytest.param(zip_of(**{"a.csv": b"a"}), "zip", id="csv-in-a-zip"),
            pytest.param(zip_of(**{"[Content_Types].xml": b"", "word/document.xml": b""}), "zip", id="document"),
            pytest.param(zip_of(**{"xl/workbook.xml": b""}), "zip", id="no-content-types"),
        ],
    )
    def test_a_zip_is_what_its_directory_says_whatever_it_is_called(
        self, content: bytes, format_: str, extension: str
    ) -> None:
        assert inspect(content, extension=extension).format == format_

    @pytest.mark.check
    def test_a_directory_too_long_to_be_looked_into_refuses_nothing_and_leaves_it_to_the_name(self) -> None:
        content = many_entries()
        assert zipfile.ZipFile(io.BytesIO(content)).start_dir < len(content) - 2 * TAIL_BYTES
        assert inspect(content, size=60_000, extension=".zip").format == "zip"
        assert inspect(content, size=60_000, extension=".xlsx").format == "xlsx"
        for cut in (content[:-1], content[: len(content) // 2], content[:100] + content[200:]):
            with pytest.raises(BadFile, match="cut short"):
                inspect(cut, size=60_000, extension=".zip")

    def test_one_that_is_told_in_a_zip64_record_alone_is_not_refused_for_it_either(self) -> None:
        assert inspect(zip64_of(many_entries()), size=60_000, extension=".zip").format == "zip"

    def test_a_comment_is_part_of_a_zip(self) -> None:
        assert inspect(with_end(BOOK, comment=b"c" * 0xFFFF)).format == "xlsx"

    @pytest.mark.parametrize(
        "content",
        [
            pytest.param(in_directory(BOOK, 6, b"\xff\x00"), id="version-to-come"),
            pytest.param(in_directory(in_directory(BOOK, 9, b"\x08"), 46, b"\xff"), id="name-in-another-encoding"),
        ],
    )
    def test_a_directory_that_is_not_understood_is_no_reason_to_refuse(self, content: bytes) -> None:
        assert inspect(content).format == "zip"

    def test_a_bomb_lands_unopened(self) -> None:
        """Four gigabytes are declared, and nobody unpacks them."""
        assert inspect(in_directory(BOOK, 24, b"\xfe\xff\xff\xff")).format == "xlsx"


class TestText:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
    @given(size=st.integers(1, 50))
    def test_a_csv_is_one_that_decodes_to_its_end(self, encoding: str, size: int) -> None:
        assert inspect(CHINESE.encode(encoding), size=size, extension=".csv").format == "csv"

    @pytest.mark.parametrize("content", [b"user,ip\n", b"a", b"a,\x00"])
    def test_plain_ascii_is_a_csv(self, content: bytes) -> None:
        assert inspect(content, extension=".csv").format == "csv"

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16-le", "utf-16-be"])
    @given(text=st.text(NOT_ASCII, min_size=1, max_size=20), size=st.integers(1, 50), missing=st.integers(1, 3))
    def test_one_that_ends_in_the_middle_of_a_character_was_cut(
        self, encoding: str, text: str, size: int, missing: int
    ) -> None:
        mark = "\ufeff" if encoding.startswith("utf-16") else ""
        whole = f"{mark}用户\n{text}".encode(encoding)
        last = text[-1].encode(encoding.removesuffix("-sig"))
        with pytest.raises(BadFile, match="middle of a character"):
            inspect(whole[: -min(missing, len(last) - 1)], size=size, extension=".csv")

    @pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
    def test_one_without_its_last_byte_was_cut(self, encoding: str) -> None:
        with pytest.raises(BadFile, match="middle of a character"):
            inspect("用户\n张三".encode(encoding)[:-1], extension=".csv")

    def test_the_last_character_alone_does_not_make_gb18030_a_cut_utf_8(self) -> None:
        assert inspect(b"user,ip\n" + b"\xe3\xb0", extension=".csv").format == "csv"

    @pytest.mark.parametrize("content", [b"caf\xe9\n", b"a\xff\xff", bytes(range(256))], ids=["latin-1", "ff", "all"])
    def test_one_in_no_encoding_we_know_lands_as_unknown(self, content: bytes) -> None:
        assert inspect(content, extension=".csv").format == "unknown"

    @pytest.mark.parametrize("extension", [".xls", ".zip", ".bin"])
    def test_nothing_but_a_csv_is_decoded(self, extension: str) -> None:
        assert inspect(CHINESE.encode()[:-3], extension=extension).format == "unknown"


def test_no_more_is_held_back_than_a_mebibyte() -> None:
    taken = 0

    def chunks() -> Iterator[bytes]:
        nonlocal taken
        while True:
            taken += 1000
            yield bytes(1000)

    watched = Inspection(None, ".bin").watch(chunks())
    passed = 0
    for _ in range(5000):
        passed += len(next(watched))
        assert taken - passed <= 1024 * 1024
