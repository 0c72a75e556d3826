"""The sweep over file sizes: fetch-file between two nginx, from a mebibyte to more than an invocation's memory."""

import tempfile
from contextlib import ExitStack
from pathlib import Path

from local.bench.files import write_workbook
from local.bench.growth.bounds import file_requests
from local.bench.growth.bucket import s3_environment
from local.bench.growth.slopes import Sweep
from local.bench.growth.sweeping import Case, Event, invoked, sweep
from local.bench.measuring import MIB, Measure
from local.bench.servers import Sink, discard, serve_file
from local.standin import DEMO_PROJECT_ID

SIZES_MIB = (1, 4, 16, 64, 256, 1024, 4096)

_TASK = "f" * 32
_REFUSED: Event = {"nobody": "knows this"}
_FINISHED: Event = {
    "kind": "connection-records",
    "project_id": DEMO_PROJECT_ID,
    "day": "2026-11-20",
    "task_id": _TASK,
    "ordered_at": "2026-11-22T00:00:00Z",
    "status": "SUCCESS",
    "file_name": "records.xlsx",
}


def file_sweep(rounds: int) -> Sweep:
    """One file of each size, from one nginx to the other; the source's one request is not among those counted.

    Raises:
        ProgramMissing: there is no nginx.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as name, ExitStack() as stack:
        folder = Path(name)
        sink = stack.enter_context(discard(_made(folder / "sink")))
        cases = [_case(stack, sink, folder, size_mib) for size_mib in SIZES_MIB]
        return sweep("fetch-file", "MiB of one file", cases, rounds)


def _case(stack: ExitStack, sink: Sink, folder: Path, size_mib: int) -> Case:
    file = folder / f"{size_mib}.xlsx"
    write_workbook(file, size_mib * MIB)
    source = stack.enter_context(serve_file(file, _made(folder / str(size_mib))))
    environment = s3_environment(sink.url) | {"WORKSPACE_ENDPOINT": source}
    before = 0

    def measure() -> Measure:
        nonlocal before
        before = len(sink.received())
        return invoked(["fetch_file"], [_REFUSED, _FINISHED], environment)

    return Case(
        work=size_mib,
        measure=measure,
        requests=lambda: len(sink.received()) - before,
        bound=lambda: file_requests(file.stat().st_size),
    )


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
