"""fetch-file: one large file from the vendor into the archive, against the scripts one would write for it."""

import filecmp
import hashlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from local.artifact import ROOT, build_code
from local.bench.files import write_workbook
from local.bench.measuring import MIB, Case, Measure, interleaved, measured, median, ratio
from local.bench.rclone import ACCESS_KEY, SECRET_KEY, serve_s3
from local.bench.results import Goal, Section
from local.bench.servers import discard, find_nginx, serve_file
from local.standin.accounts import DEMO_ACCESS_KEY, DEMO_PROJECT_ID, DEMO_REGION, DEMO_SECRET_KEY

OURS, OURS_UNSIGNED = "fetch-file", "fetch-file, payload unsigned"
REQUESTS, REQUESTS_UNSIGNED = "requests + boto3", "requests + boto3, payload unsigned"
HTTPX, SDK, CURL = "httpx + boto3", "SDK + boto3", "curl to nowhere"
COLUMNS = ("file", "sink", "with", "seconds", "MiB/s", "CPU seconds", "peak MiB")

MOST_MIB = 110
_BUCKET = "archive"
_TASK_ID = "fedcba9876543210fedcba9876543210"
_ROUNDS_OF_THE_SLOW = 3
_FETCHER = Path(__file__).parent / "fetcher.py"
_EVENT = {
    "kind": "connection-records",
    "project_id": DEMO_PROJECT_ID,
    "day": "2026-11-20",
    "filters": {},
    "task_id": _TASK_ID,
    "ordered_at": "2026-11-22T00:00:00Z",
    "status": "SUCCESS",
    "file_name": "ConnectionRecords_20261122025951.xlsx",
}

_TEXT = """\
The handler itself, from the deployed folder, in a fresh process: sign the request, stream the file in parts with a
CRC64NVME each, hash it, check its length and its zip directory, commit the manifest, look for leftovers. The others are
scripts that stream too and compute a SHA-256 on the way; none of them checks or records anything, resumes a download,
or refuses to replace what is there. Seconds are of the whole process, from its start. One nginx serves the file from
the page cache, another one reads what comes and discards it; `rclone serve s3` verifies signatures and keeps it.

Over plain http, all of them hash every part once more for its signature; over https none does, and "payload unsigned"
is what that leaves: fetch-file with `AWS_UNSIGNED_PAYLOAD=true`, boto3 with `payload_signing_enabled` off.
"""

_NOTES = (
    "The goals compare what comes by default, where both sides sign payloads.",
    "The sink that keeps its files is slower than any client; that row shows that they arrive whole, not how fast.",
)


@dataclass(frozen=True, slots=True)
class Sizes:
    """Of the files, in bytes.

    Attributes:
        large: for the comparison by time, and for the ceiling.
        huge: for the ceiling alone.
        small: what the SDK can hold.
        kept: for the sink that keeps what it is sent.
    """

    large: int = 1024 * MIB
    huge: int = 4096 * MIB
    small: int = 64 * MIB
    kept: int = 256 * MIB


@dataclass(frozen=True, slots=True)
class _Scene:
    """One file at the vendor, one S3 to bring it to.

    Attributes:
        file: what the vendor serves.
        sha256: of it.
        vendor: the endpoint.
        environment: AWS's variables.
        runs: counts; each has a place of its own, as servers remember what they held.
    """

    file: Path
    sha256: str
    vendor: str
    environment: Mapping[str, str]
    runs: Iterator[int] = field(default_factory=count)

    def handler(self, **more: str) -> Measure:
        """The handler, as deployed."""
        code = build_code()
        command = (sys.executable, "-I", "-S", "-B", _FETCHER, code, "functions.fetch_file.app")
        settings = {
            "HUAWEICLOUD_SDK_AK": DEMO_ACCESS_KEY,
            "HUAWEICLOUD_SDK_SK": DEMO_SECRET_KEY,
            "WORKSPACE_REGION": DEMO_REGION,
            "WORKSPACE_ENDPOINT": self.vendor,
            "ARCHIVE_URL": f"s3://{_BUCKET}/{next(self.runs)}",
        }
        return self._whole(measured(command, {**self.environment, **settings, **more}, json.dumps(_EVENT)))

    def peer(self, name: str, signing: str = "signed") -> Measure:
        """One of the scripts."""
        told = (self.vendor, DEMO_PROJECT_ID, _TASK_ID, f"{_BUCKET}/{next(self.runs)}/data/{_TASK_ID}.xlsx", signing)
        command = [sys.executable, "-m", f"local.bench.peers.{name}", *told]
        return self._whole(measured(command, {**self.environment, "PYTHONPATH": f"{ROOT / 'shared'}:{ROOT}"}))

    def curl(self) -> Measure:
        """The file, and nothing done with it."""
        url = f"{self.vendor}/v2/{DEMO_PROJECT_ID}/export-tasks/{_TASK_ID}/download"
        return measured(["curl", "--silent", "--fail", "--output", os.devnull, url], self.environment)

    def _whole(self, measure: Measure) -> Measure:
        if measure.told["sha256"] != self.sha256:
            raise RuntimeError(f"Another file came than {self.file}")
        return measure


def run(rounds: int, sizes: Sizes = Sizes()) -> Section:
    """All comparisons, one after the other.

    Raises:
        ProgramMissing: nginx is not installed.
        RuntimeError: what arrived is not what was sent.
    """
    find_nginx()
    few = min(rounds, _ROUNDS_OF_THE_SLOW)
    with _discarding(sizes.large) as scene:
        large = interleaved(_streaming(scene), rounds)
    with _discarding(sizes.huge) as scene:
        huge = interleaved({OURS: scene.handler}, few)
    with _discarding(sizes.small) as scene:
        small = interleaved({OURS: scene.handler, SDK: lambda: scene.peer("sdk_boto3")}, few)
    with _keeping(sizes.kept) as (scene, folder):
        kept = interleaved({name: _compared(case, scene, folder) for name, case in _defaults(scene).items()}, few)
    return Section(
        title="Fetching one file",
        text=_TEXT,
        columns=COLUMNS,
        rows=(
            *_rows(sizes.large, "discards", large),
            *_rows(sizes.huge, "discards", huge),
            *_rows(sizes.small, "discards", small),
            *_rows(sizes.kept, "verifies, keeps", kept),
        ),
        goals=_goals(large, huge, small),
        notes=_NOTES,
    )


def _defaults(scene: _Scene) -> dict[str, Case]:
    return {
        OURS: scene.handler,
        REQUESTS: lambda: scene.peer("requests_boto3"),
        HTTPX: lambda: scene.peer("httpx_boto3"),
    }


def _streaming(scene: _Scene) -> dict[str, Case]:
    return _defaults(scene) | {
        OURS_UNSIGNED: lambda: scene.handler(AWS_UNSIGNED_PAYLOAD="true"),
        REQUESTS_UNSIGNED: lambda: scene.peer("requests_boto3", "unsigned"),
        CURL: scene.curl,
    }


@contextmanager
def _discarding(size_bytes: int) -> Iterator[_Scene]:
    """A file of that size, and the sink; checks in the end that every byte of every run came through."""
    with _serving(size_bytes) as (scene, folder), discard(folder) as sink:
        yield _bound_for(scene, sink.url)
        runs, rest = divmod(sink.data_bytes(), scene.file.stat().st_size)
        if rest or not runs:
            raise RuntimeError(f"Not every byte of {scene.file} came through")


@contextmanager
def _keeping(size_bytes: int) -> Iterator[tuple[_Scene, Path]]:
    """A file of that size, and the folder of an S3 that keeps what it is sent."""
    with _serving(size_bytes) as (scene, folder):
        (folder / _BUCKET).mkdir()
        with serve_s3(folder) as endpoint:
            yield _bound_for(scene, endpoint), folder / _BUCKET


@contextmanager
def _serving(size_bytes: int) -> Iterator[tuple[_Scene, Path]]:
    """The file at the vendor, and an empty folder."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(TemporaryDirectory(prefix="bench-")))
        file, source, sink = home / "export.xlsx", home / "source", home / "sink"
        source.mkdir()
        sink.mkdir()
        write_workbook(file, size_bytes)
        with file.open("rb") as content:
            sha256 = hashlib.file_digest(content, "sha256").hexdigest()
        vendor = stack.enter_context(serve_file(file, source))
        # The SDK keeps an id in the home directory.
        yield _Scene(file, sha256, vendor, {"PATH": os.environ["PATH"], "HOME": str(home)}), sink


def _bound_for(scene: _Scene, endpoint: str) -> _Scene:
    storage = {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    return _Scene(scene.file, scene.sha256, scene.vendor, {**scene.environment, **storage})


def _compared(case: Case, scene: _Scene, bucket: Path) -> Case:
    """The same; what arrived is compared byte for byte, and removed."""

    def compared() -> Measure:
        measure = case()
        (arrived,) = bucket.rglob("*.xlsx")
        if not filecmp.cmp(arrived, scene.file, shallow=False):
            raise RuntimeError(f"What arrived is not {scene.file}")
        arrived.unlink()
        return measure

    return compared


def _rows(size_bytes: int, sink: str, taken: Mapping[str, list[Measure]]) -> Iterator[tuple[str, ...]]:
    for name, measures in taken.items():
        seconds = median(measures, _wall)
        yield (
            f"{size_bytes / MIB:,.0f} MiB",
            "-" if name == CURL else sink,
            name,
            f"{seconds:.2f}",
            f"{size_bytes / MIB / seconds:,.0f}",
            f"{median(measures, _cpu):.2f}",
            f"{median(measures, _peak):.0f}" if name != CURL else "-",
        )


def _goals(
    large: Mapping[str, list[Measure]], huge: Mapping[str, list[Measure]], small: Mapping[str, list[Measure]]
) -> tuple[Goal, ...]:
    ours, streamed = large[OURS], (large[REQUESTS], large[HTTPX])
    cpu, peak = (max(ratio(ours, peer, figure) for peer in streamed) for figure in (_cpu, _peak))
    return (
        Goal(what=f"throughput, of that of {REQUESTS}", seen=ratio(large[REQUESTS], ours, _wall), at_least=1.2),
        Goal(what=f"throughput, of that of {HTTPX}", seen=ratio(large[HTTPX], ours, _wall), at_least=2),
        Goal(what="CPU, of that of the better one", seen=cpu, at_most=0.7),
        Goal(what="peak memory, of that of the better one", seen=peak, at_most=0.45),
        Goal(what="peak MiB, large file", seen=max(map(_peak, ours)), at_most=MOST_MIB),
        Goal(what="peak MiB, huge file", seen=max(map(_peak, huge[OURS])), at_most=MOST_MIB),
        Goal(what=f"peak memory, of that of {SDK}", seen=ratio(small[OURS], small[SDK], _peak), at_most=0.1),
    )


def _wall(measure: Measure) -> float:
    return measure.wall_seconds


def _cpu(measure: Measure) -> float:
    return measure.cpu_seconds


def _peak(measure: Measure) -> float:
    return measure.peak_bytes / MIB
