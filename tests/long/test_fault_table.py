"""Each fault on each operation of the deployed bundle: after the next run, the day is archived exactly once.

`make faults` runs all rows and writes each to docs/faults.md; `make faults TEST="-k 'list and throttled'"` runs a part.
Otherwise, the rows that run before each merge must come to what the page says.
"""

import fcntl
import os
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import pytest

from local.artifact import ROOT
from local.standin.faults.catalogue import FAULTS as VENDOR_FAULTS
from tests.support.servers.faulty_bundle import KIND, SETTINGS, FaultyBundle, faulty_bundle
from tests.support.servers.faulty_storage.faults import FAULTS as STORAGE_FAULTS
from tests.support.servers.faulty_storage.faults import faults_for

PAGE = ROOT / "docs" / "faults.md"
TRIED = {
    "vendor": {
        KIND: "plain",
        "list": "plain",
        "download": "plain",
        "delete": "deletes at the vendor",
        "tokens": "signs in by password",
    },
    "storage": {
        "put": "plain",
        "create": "plain",
        "get": "plain",
        "list": "plain",
        "create-multipart": "large files",
        "upload-part": "large files",
        "complete-multipart": "large files",
    },
}
"""Operations by side, each with the deployment that calls it."""
ALWAYS = {
    "throttled",
    "server-error",
    "dropped",
    "lost-answer",
    "html-page",
    "cut-short",
    "cut-file-unnoticed",
    "page-for-file",
    "task-failed",
    "task-expired",
    "task-vanished",
    "SlowDown",
    "AccessDenied",
    "answer lost",
}
"""One fault of each sort, which also meets every call until the export has ended."""
ENDLESS = {"task-stuck", "endless-file", "hang", "hang after work"}
"""Faults that hold an export for two days, or a function for minutes; other tests have them."""
EACH_CHANGE = {
    "vendor connection-records throttled once",
    "vendor connection-records lost-answer once",
    "vendor connection-records task-failed always",
    "vendor list unknown-status once",
    "vendor list lost-answer always",
    "vendor download cut-file-unnoticed always",
    "vendor download page-for-file once",
    "storage create answer lost once",
    "storage put AccessDenied always",
    "storage list stale listing once",
}
"""Rows that run before each merge; all others run at night."""


class Row(NamedTuple):
    """One fault on one operation, `once` or `always`."""

    side: str
    operation: str
    fault: str
    how: str

    def __str__(self) -> str:
        return " ".join(self)

    @property
    def begin(self) -> str:
        """The row's first cells on the page."""
        operation = "order" if self.operation == KIND else self.operation
        return f"| {operation} | {self.fault} | {self.how} |"


def rows() -> Iterator[Row]:
    for side, operations in TRIED.items():
        for operation in operations:
            named = [name for name, one in VENDOR_FAULTS.items() if operation in one.on]
            for fault in named if side == "vendor" else faults_for(operation):
                for how in ("once", "always") if fault in ALWAYS else ("once",):
                    if fault not in ENDLESS:
                        yield Row(side, operation, fault, how)


def written() -> dict[Row, str]:
    """The page's lines, by row."""
    vendor, storage = PAGE.read_text(encoding="utf-8").split("\n## The storage misbehaves\n")
    lines = {"vendor": vendor.splitlines(), "storage": storage.splitlines()}
    return {row: line for row in rows() for line in lines[row.side] if line.startswith(row.begin)}


def write(row: Row, line: str) -> None:
    """Put one line into the page, whatever other processes write."""
    with (ROOT / ".build" / "faults.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        PAGE.write_text(render(written() | {row: line}), encoding="utf-8")


def render(lines: Mapping[Row, str]) -> str:
    """The page with these lines in its tables; its prose stays."""
    page = PAGE.read_text(encoding="utf-8")
    sound = sum("LOST OR DOUBLED" not in line for line in lines.values())
    page = re.sub(
        r"^\d+ rows, \d+ of them sound", f"{len(lines)} rows, {sound} of them sound", page, flags=re.MULTILINE
    )
    for side in TRIED:
        table = [lines[row] for row in rows() if row.side == side and row in lines]
        page = _with_table(page, f"The {side} misbehaves", table)
    tried = dict.fromkeys(row.fault for row in rows() if row.side == "vendor" and row in lines)
    named = [f"| {name} | {one.says} |" for name, one in VENDOR_FAULTS.items() if name in tried]
    return _with_table(page, "The vendor's faults by name", named)


def _with_table(page: str, heading: str, lines: list[str]) -> str:
    table = "".join(f"{line}\n" for line in lines)
    pattern = rf"(?<=^## {heading}\n\n)((?:\|.*\n){{2}})(?:\|.*\n)*"
    return re.sub(pattern, lambda found: found[1] + table, page, flags=re.MULTILINE)


@pytest.fixture(scope="module")
def bundle(request: pytest.FixtureRequest) -> Iterator[FaultyBundle]:
    with faulty_bundle(SETTINGS[request.param]) as bundle:
        yield bundle


def play(row: Row, bundle: FaultyBundle) -> str:
    """Export a day under the fault, and once more without it; return the page's line."""
    project_id = next(bundle.projects)
    times = 1 if row.how == "once" else 500
    side = bundle.vendor if row.side == "vendor" else bundle.storage
    before = len(side.calls(row.operation))
    if row.side == "vendor":
        bundle.vendor.script(row.operation, *[VENDOR_FAULTS[row.fault].fault] * times)
    else:
        bundle.storage.script(row.operation, *[STORAGE_FAULTS[row.fault]] * times)
    outcome = bundle.export(project_id)
    attempts, counts = len(side.calls(row.operation)) - before, bundle.counts(project_id)
    side.calm()
    if outcome == "Unauthorized":
        bundle.restart()
    then = bundle.export(project_id)
    if (problems := [*bundle.problems(project_id)]) or then not in {"landed", "already-landed"}:
        then = f"**LOST OR DOUBLED**: {'; '.join([then, *problems])}"
    numbers = ", ".join(map(str, bundle.counts(project_id)))
    cells = [outcome, str(attempts), *map(str, counts), then, numbers]
    return f"{row.begin} {' | '.join(cells)} |"


@pytest.mark.parametrize(
    ("row", "bundle"),
    [
        pytest.param(
            row,
            TRIED[row.side][row.operation],
            id=str(row),
            marks=pytest.mark.long if str(row) in EACH_CHANGE else pytest.mark.nightly,
        )
        for row in rows()
    ],
    indirect=["bundle"],
)
def test_a_fault_loses_and_doubles_nothing(row: Row, bundle: FaultyBundle) -> None:
    line = play(row, bundle)
    if os.environ.get("UPDATE_GOLDEN"):
        write(row, line)
    assert "LOST OR DOUBLED" not in line
    if str(row) in EACH_CHANGE:
        assert line == written()[row]


@pytest.mark.long
def test_the_page_has_every_row_and_no_other() -> None:
    assert list(written()) == list(rows()), "run: make faults"
    assert PAGE.read_text(encoding="utf-8") == render(written())
    assert "LOST OR DOUBLED**:" not in PAGE.read_text(encoding="utf-8")


@pytest.mark.long
@pytest.mark.parametrize("bundle", ["plain"], indirect=True)
class TestProblems:
    @pytest.fixture
    def project_id(self, bundle: FaultyBundle) -> str:
        """One whose day is archived."""
        project_id = next(bundle.projects)
        assert bundle.export(project_id) == "landed"
        assert list(bundle.problems(project_id)) == []
        return project_id

    def test_a_day_that_is_not_there_is_lost(self, bundle: FaultyBundle) -> None:
        assert list(bundle.problems(next(bundle.projects))) == ["0 manifests"]

    @pytest.mark.parametrize("folder", ["manifests", "objects"])
    def test_a_second_one_is_one_too_many(self, bundle: FaultyBundle, project_id: str, folder: str) -> None:
        (key,) = bundle.keys({"objects": "data"}.get(folder, folder), project_id)
        bundle.put(f"{key}.copy", bundle.read(key))
        assert list(bundle.problems(project_id)) == [f"2 {folder}"]

    def test_another_object_is_not_the_manifests(self, bundle: FaultyBundle, project_id: str) -> None:
        (key,) = bundle.keys("data", project_id)
        bundle.put(key, b"other")
        assert list(bundle.problems(project_id)) == [
            "the object is not the manifest's",
            "the object is not the vendor's",
        ]
