"""What a hostile file costs whoever takes it in: counted, never timed. No more than a benign one of its length."""

import io
import sys
import tracemalloc
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from types import CodeType, FrameType
from typing import Any

import pytest

from tests.support.hostile import CORPUS, HostileFile, Lands, zips
from workspace_exports.archive.file_checks import Inspection
from workspace_exports.core.errors import BadFile

MIB = 1024 * 1024
KEPT_BYTES = 256 * 1024
SMALLEST_ENTRY_BYTES = 46
MOST_ENTRIES = KEPT_BYTES // SMALLEST_ENTRY_BYTES
MOST_BYTES = 4 * MIB
"""For what is kept of the stream, twice while it is put together, and for a directory of as many entries as fit."""

LARGE = {
    "as-many-entries-as-an-end-record-counts.xlsx",
    "as-many-entries-as-an-end-record-counts.zip",
    "as-many-entries-as-are-looked-at.xlsx",
    "bomb-of-overlapping-entries.xlsx",
    "cells-without-end.csv",
    "comment-as-long-as-can-be.xlsx",
    "directory-too-long-to-be-kept-and-garbled.xlsx",
    "directory-too-long-to-be-kept.xlsx",
    "directory-too-long-to-be-kept.zip",
    "flat-bomb.xlsx",
    "lone-quote.csv",
    "more-entries-than-an-end-record-counts.zip",
    "names-of-64-kib-more-than-are-kept.xlsx",
    "names-of-64-kib-more-than-are-kept.zip",
    "names-of-64-kib.xlsx",
    "one-line-of-four-mebibytes.csv",
}
"""The others have less than 64 KiB, whatever is made of them."""


def take_in(file: HostileFile, chunk_bytes: int = 64 * 1024) -> None:
    """As the archive does, without an archive."""
    content = file.make()
    inspection = Inspection(len(content), PurePosixPath(file.file_name).suffix)
    try:
        for _ in inspection.watch(content[at : at + chunk_bytes] for at in range(0, len(content), chunk_bytes)):
            pass
    except BadFile:
        return


@contextmanager
def counting() -> Iterator[Counter[str]]:
    """How often which function of Python's, and which of C's, is called."""
    calls: Counter[str] = Counter()

    def note(frame: FrameType, event: str, called: Any) -> None:
        if event == "call":
            calls[name(frame.f_code)] += 1
        elif event == "c_call":
            calls[getattr(called, "__qualname__", "")] += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield calls
    finally:
        sys.setprofile(before)


def name(code: CodeType) -> str:
    return code.co_qualname


def peak_bytes(work: Callable[[], None]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.no_cover
@pytest.mark.parametrize("file", CORPUS, ids=[file.name for file in CORPUS])
def test_nothing_is_unpacked_and_no_more_entries_are_looked_at_than_fit_into_what_is_kept(file: HostileFile) -> None:
    file.make()
    with counting() as calls:
        take_in(file)
    assert calls["ZipInfo.__init__"] <= MOST_ENTRIES
    assert calls["ZipFile.open"] == 0
    assert not [called for called in calls if "decompress" in called.lower()]


@pytest.mark.no_cover
@pytest.mark.parametrize(
    "chunk_bytes",
    [
        pytest.param(MIB, id="whole"),
        pytest.param(64 * 1024, id="as-sent"),
        pytest.param(64, id="dripping", marks=pytest.mark.check),
    ],
)
@pytest.mark.parametrize("file", [pytest.param(file, id=file.name) for file in CORPUS if file.name in LARGE])
def test_memory_is_bounded_whatever_is_in_it_and_however_it_comes(file: HostileFile, chunk_bytes: int) -> None:
    file.make()
    assert peak_bytes(lambda: take_in(file, chunk_bytes)) <= MOST_BYTES


@pytest.mark.no_cover
def test_memory_is_bounded_where_it_comes_in_the_smallest_pieces_that_take_memory() -> None:
    """A piece of two bytes is an object of fifty; of one byte, there is one object for all."""
    file = HostileFile("commas", "records.dat", Lands("unknown"), lambda: b"," * (KEPT_BYTES + 10_000))
    assert peak_bytes(lambda: take_in(file, chunk_bytes=2)) <= MOST_BYTES


def test_the_bounds_are_reached() -> None:
    """Else they would bound nothing."""
    (file,) = (file for file in CORPUS if file.name == "as-many-entries-as-are-looked-at.xlsx")
    file.make()
    with counting() as calls:
        take_in(file)
    assert MOST_ENTRIES * 0.95 < calls["ZipInfo.__init__"] <= MOST_ENTRIES
    assert peak_bytes(lambda: take_in(file)) > MOST_BYTES / 4


@pytest.mark.check
def test_what_is_large_is_known_to_be() -> None:
    assert {file.name for file in CORPUS if len(file.make()) >= 64 * 1024} == LARGE


@pytest.mark.check
def test_there_are_files_that_would_go_beyond_these_bounds() -> None:
    """Were a directory read as Python's own reader does, or a bomb unpacked."""
    with counting() as calls, zipfile.ZipFile(io.BytesIO(zips.more_entries_than_an_end_record_counts())):
        pass
    assert calls["ZipInfo.__init__"] > MOST_ENTRIES
    with zipfile.ZipFile(io.BytesIO(zips.flat_bomb())) as archive:
        assert sum(entry.file_size for entry in archive.infolist()) > 4 * MOST_BYTES
