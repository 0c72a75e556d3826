"""The fuzzer's oracles, without the fuzzer: over its seeds, over all that was ever found, and over changes to both."""

import random
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.fuzz import files
from tests.fuzz.messages import read_message, write_message
from tests.fuzz.targets import FINDS, TARGETS, Target
from tests.support.hostile import zips
from workspace_exports.archive.file_checks import Inspection
from workspace_exports.archive.manifests import FileFormat
from workspace_exports.core.errors import BadFile

Oracle = Callable[[bytes], None]


@cache
def known(name: str) -> list[bytes]:
    target = TARGETS[name]
    return [*target.seeds(), *(path.read_bytes() for path in target.finds)]


def changed(content: bytes, changes: list[tuple[float, bytes, int]]) -> bytes:
    """With these bytes put in at these places (0 to 1), in the place of so many."""
    result = bytearray(content)
    for place, put, removed in changes:
        at = int(place * len(result))
        result[at : at + removed] = put
    return bytes(result)


CHANGES = st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=8), st.integers(0, 8)), max_size=6)


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
class TestEveryTarget:
    def test_the_product_stands_all_its_seeds(self, target: Target) -> None:
        contents = list(target.seeds())
        assert len(contents) > 10
        for content in contents:
            target.check(content)

    @given(data=st.data())
    def test_the_product_stands_changes_to_them(self, target: Target, data: st.DataObject) -> None:
        content = data.draw(st.sampled_from(known(target.name)))
        target.check(changed(content, data.draw(CHANGES)))

    @given(content=st.binary(max_size=200))
    @example(content=b"")
    def test_the_product_stands_anything(self, target: Target, content: bytes) -> None:
        target.check(content)


@pytest.mark.parametrize(
    ("name", "find"),
    [
        pytest.param(target.name, path, id=f"{target.name}-{path.name}")
        for target in TARGETS.values()
        for path in target.finds
    ],
)
def test_what_was_found_once_is_mended(name: str, find: Path) -> None:
    TARGETS[name].check(find.read_bytes())


def test_what_was_found_is_of_a_target_and_small() -> None:
    for path in FINDS.rglob("*"):
        if path.is_file():
            assert path.parent.name in TARGETS
            assert path.stat().st_size <= 64 * 1024


class TailUnseen(Inspection):
    """Takes every zip for whole."""

    def _zip_format(self) -> FileFormat:
        return "zip"


class StartUnseen(Inspection):
    """Takes pages for files."""

    def _check_start(self) -> None:
        return


class Picky(Inspection):
    """Refuses zips that are whole."""

    def _zip_format(self) -> FileFormat:
        raise BadFile("no")


class Moody(Inspection):
    """Decides by the size of the first chunk."""

    def _take(self, chunk: bytes) -> None:
        if self.size_bytes and len(chunk) % 2:
            raise BadFile("not today")
        super()._take(chunk)


def check_all_files(inspection: type[Inspection]) -> None:
    for content in known("files"):
        files.check(content, inspection)


@pytest.mark.parametrize(
    ("inspection", "says"),
    [
        (TailUnseen, "a cut zip has landed"),
        (StartUnseen, "a page or an error has landed"),
        (Picky, "no"),
        (Moody, "the chunks decide"),
    ],
)
def test_the_oracle_of_files_catches_an_inspection_that_is_broken(inspection: type[Inspection], says: str) -> None:
    with pytest.raises(AssertionError, match=says):
        check_all_files(inspection)


def test_the_oracle_of_files_knows_a_sound_zip() -> None:
    assert files._is_sound_zip(zips.BOOK)
    draw = random.Random(1)  # noqa: S311 - places, not secrets
    for at in draw.sample(range(len(zips.BOOK)), 20):
        assert not files._is_sound_zip(zips.BOOK[:at])


def test_a_message_is_read_as_it_was_written() -> None:
    message = read_message(write_message(206, {"Content-Range": "bytes 1-2/3", "ETag": '"a:b"'}, b"\n\nbody"))
    assert (message.status, message.body) == (206, b"\n\nbody")
    assert message.headers == {"content-range": "bytes 1-2/3", "etag": '"a:b"'}
