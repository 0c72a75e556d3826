"""Downloads that gain a few bytes at each connection (501 connections of 8 KiB, tried on 2026-11-28): F17."""

import re
from itertools import count

import pytest

from tests.field.finished import finished
from tests.support.builders.zip_files import zip_of
from tests.support.checks.landed import landed
from tests.support.fixtures.handlers import Call
from tests.support.servers.raw_http import Wire, message
from workspace_exports.client.download import most_connections
from workspace_exports.core.errors import BadFile
from workspace_exports.storage.store import Store

FOLDER = pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
KIB, MIB, GIB = 1024, 1024**2, 1024**3
RANGE = re.compile(rb"range: bytes=(\d+)-", re.IGNORECASE)


def connections(size: int, gain: int) -> tuple[int, bool]:
    """How many a download opens on a line that drops after so many bytes, and whether it comes to its end."""
    for opened in count(1):
        came = opened * gain
        if came >= size:
            return opened, True
        if opened >= most_connections(came):
            return opened, False
    raise AssertionError


@pytest.mark.parametrize(
    ("size", "gain", "opened", "comes"),
    [
        pytest.param(GIB, 64 * MIB, 16, True, id="1-GiB-by-64-MiB"),
        pytest.param(GIB, 16 * MIB, 64, True, id="1-GiB-by-16-MiB"),
        pytest.param(GIB, MIB, 1024, True, id="1-GiB-by-1-MiB"),
        pytest.param(GIB, 256 * KIB, 4096, True, id="1-GiB-by-256-KiB"),
        pytest.param(GIB, 200 * KIB, 142, False, id="1-GiB-by-200-KiB"),
        pytest.param(GIB, 128 * KIB, 63, False, id="1-GiB-by-128-KiB"),
        pytest.param(GIB, 8 * KIB, 33, False, id="1-GiB-by-8-KiB"),
        pytest.param(4 * MIB, 8 * KIB, 33, False, id="4-MiB-by-8-KiB, the one that was found"),
        pytest.param(GIB, 1, 32, False, id="1-GiB-by-a-byte"),
        pytest.param(200 * KIB, 8 * KIB, 25, True, id="a-small-file-by-8-KiB"),
        pytest.param(32, 1, 32, True, id="32-bytes-by-one"),
        pytest.param(33, 1, 32, False, id="33-bytes-by-one"),
    ],
)
def test_connections_are_bounded_by_what_they_bring(size: int, gain: int, opened: int, comes: bool) -> None:  # noqa: FBT001 - a table
    assert connections(size, gain) == (opened, comes)


def test_no_file_takes_more_than_a_connection_for_each_256_kib_and_a_few_to_begin_with() -> None:
    for gain in (1, 100, 8 * KIB, 100 * KIB, 255 * KIB):
        opened, _ = connections(GIB, gain)
        assert opened <= most_connections(GIB) == 4128


FILE = zip_of(**{"[Content_Types].xml": b"", "xl/workbook.xml": bytes(2 * MIB)})


class Dropping:
    """Answers a range, and hangs up after so many bytes of it."""

    def __init__(self, gain: int) -> None:
        self._gain = gain

    def __call__(self, request: bytes) -> bytes:
        found = RANGE.search(request)
        first = int(found[1]) if found else 0
        rest = FILE[first:]
        part = [f"Content-Range: bytes {first}-{len(FILE) - 1}/{len(FILE)}"] if found else []
        status = "HTTP/1.1 206 Partial Content" if found else "HTTP/1.1 200 OK"
        head = message(b"", 'ETag: "a"', *part, f"Content-Length: {len(rest)}", status=status, length=False)
        return head + rest[: self._gain]


@FOLDER
@pytest.mark.parametrize(
    ("gain", "opened"), [(8 * KIB, 33), (KIB, 32), (30 * KIB, 36)], ids=["by-8-KiB", "by-1-KiB", "by-30-KiB"]
)
def test_small_gains_end_as_a_bad_file_that_says_how_small(
    gain: int, opened: int, environment: pytest.MonkeyPatch, fetch: Call, store: Store
) -> None:
    with Wire(Dropping(gain)) as vendor:
        environment.setenv("WORKSPACE_ENDPOINT", vendor.url)
        with pytest.raises(
            BadFile, match=rf"make too little progress: in {opened} of them \d+ of {len(FILE)} bytes"
        ) as caught:
            fetch(**finished())
    assert f"{opened * gain} of {len(FILE)} bytes" in caught.value.what
    assert "a proxy, a firewall" in caught.value.next_step
    assert len(vendor.requests) == opened
    assert landed(store) == []
    assert not caught.value.is_whole


@FOLDER
@pytest.mark.parametrize("gain", [300 * KIB, 100 * KIB, MIB], ids=["by-300-KiB", "by-100-KiB", "by-1-MiB"])
def test_larger_ones_bring_the_file(gain: int, environment: pytest.MonkeyPatch, fetch: Call, store: Store) -> None:
    with Wire(Dropping(gain)) as vendor:
        environment.setenv("WORKSPACE_ENDPOINT", vendor.url)
        archived = fetch(**finished())["archived"]
    assert b"".join(store.chunks(archived["key"])) == FILE
