"""The benchmark of fetch-file, with small files: the servers are the real ones, and what arrives is whole."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from local.bench import fetching
from local.bench.files import write_workbook
from local.bench.measuring import MIB
from local.bench.servers import ProgramMissing, discard, find_nginx, serve_file

pytestmark = [pytest.mark.long]
try:
    find_nginx()
except ProgramMissing as missing:
    pytestmark.append(pytest.mark.skip(str(missing)))

SMALL = fetching.Sizes(large=9 * MIB, huge=17 * MIB, small=MIB, kept=9 * MIB)


class _Cut(Exception):
    pass


def _cut() -> Iterator[bytes]:
    yield b"cut"
    raise _Cut


@pytest.mark.nightly
def test_every_way_brings_the_whole_file_and_shows_in_the_table() -> None:
    section = fetching.run(1, SMALL)
    assert [(row[0], row[1], row[2]) for row in section.rows] == [
        ("9 MiB", "discards", "fetch-file"),
        ("9 MiB", "discards", "requests + boto3"),
        ("9 MiB", "discards", "httpx + boto3"),
        ("9 MiB", "discards", "fetch-file, payload unsigned"),
        ("9 MiB", "discards", "requests + boto3, payload unsigned"),
        ("9 MiB", "-", "curl to nowhere"),
        ("17 MiB", "discards", "fetch-file"),
        ("1 MiB", "discards", "fetch-file"),
        ("1 MiB", "discards", "SDK + boto3"),
        ("9 MiB", "verifies, keeps", "fetch-file"),
        ("9 MiB", "verifies, keeps", "requests + boto3"),
        ("9 MiB", "verifies, keeps", "httpx + boto3"),
    ]
    assert all(len(row) == len(section.columns) for row in section.rows)
    assert all(goal.seen > 0 for goal in section.goals)


class TestTheSource:
    def test_every_task_has_the_file_and_ranges_of_it_under_a_strong_etag(self, tmp_path: Path) -> None:
        (tmp_path / "nginx").mkdir()
        write_workbook(file := tmp_path / "export.xlsx", MIB)
        with serve_file(file, tmp_path / "nginx") as url, httpx.Client(base_url=url) as caller:
            whole = caller.get("/v2/project/export-tasks/task-1/download")
            end = caller.get("/v2/project/export-tasks/task-2/download", headers={"Range": "bytes=100-"})
        assert whole.content == file.read_bytes()
        assert end.content == file.read_bytes()[100:]
        assert whole.headers["etag"] == end.headers["etag"]
        assert whole.headers["etag"].startswith('"')
        assert whole.headers["x-request-id"]


class TestTheSink:
    def test_a_body_counts_once_it_has_come_to_its_end(self, tmp_path: Path) -> None:
        with discard(tmp_path) as sink, httpx.Client(base_url=sink.url) as caller:
            caller.put("/archive/data/x?partNumber=1&uploadId=u", content=bytes(3 * MIB))
            caller.put("/archive/data/x?partNumber=2&uploadId=u", content=bytes(MIB))
            caller.put("/archive/manifests/x.json", content=b"{}")
            with pytest.raises(_Cut):
                caller.put("/archive/data/y", content=_cut(), headers={"Content-Length": "99"})
            assert sink.data_bytes() == 4 * MIB

    def test_nothing_can_be_read_from_it(self, tmp_path: Path) -> None:
        with discard(tmp_path) as sink, httpx.Client(base_url=sink.url) as caller:
            assert caller.put("/archive/data/x", content=b"x").headers["etag"]
            assert caller.get("/archive/data/x").status_code == 404
