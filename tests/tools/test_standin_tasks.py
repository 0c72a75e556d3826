"""The life of an export task."""

import math
import threading
from datetime import UTC, datetime, timedelta

import pytest

from local.standin.clock import SettableClock
from local.standin.faults.fates import expires, fails, listed_late, never_finishes, vanishes
from local.standin.reports import ReportSpec
from local.standin.tasks import ORDINARY, Fate, Task, TaskBook

START = datetime(2026, 11, 20, 10, 30, 0, tzinfo=UTC)
SPEC = ReportSpec(kind="connection-records", project_id="p", parameters={})


def task(fate: Fate = ORDINARY) -> Task:
    return TaskBook(lambda: START, 60).create(SPEC, fate)


def life(fate: Fate) -> list[str]:
    created = task(fate)
    return [created.status_at(START + timedelta(seconds=age)) for age in (0, 59, 60, 119, 120)]


@pytest.mark.parametrize(
    ("fate", "statuses"),
    [
        (ORDINARY, ["CREATING", "CREATING", "SUCCESS", "SUCCESS", "SUCCESS"]),
        (fails("no data"), ["CREATING", "CREATING", "FAIL", "FAIL", "FAIL"]),
        (expires(60), ["CREATING", "CREATING", "SUCCESS", "SUCCESS", "EXPIRED"]),
        (never_finishes(), ["CREATING"] * 5),
        (Fate(ending="PAUSED"), ["CREATING", "CREATING", "PAUSED", "PAUSED", "PAUSED"]),
        (Fate(task_seconds=0), ["SUCCESS"] * 5),
    ],
    ids=["ordinary", "fails", "expires", "never-finishes", "unknown-word", "at-once"],
)
def test_a_task_lives_by_its_fate(fate: Fate, statuses: list[str]) -> None:
    assert life(fate) == statuses


def test_a_task_that_never_finishes_has_no_end() -> None:
    assert task(Fate(task_seconds=math.inf)).ended_at(START + timedelta(days=999)) is None


def test_a_file_is_named_after_its_kind_and_moment() -> None:
    assert task().file_name == "ConnectionRecords_20261120103000.xlsx"


def test_a_fate_may_name_the_file_and_its_rows() -> None:
    odd = task(Fate(file_name="../../odd.xlsx", rows=0))
    assert (odd.file_name, odd.report.rows) == ("../../odd.xlsx", 0)


def test_a_task_listed_late_appears_when_its_time_comes() -> None:
    late = task(listed_late(5))
    assert [late.is_listed_at(START + timedelta(seconds=age)) for age in (4, 5)] == [False, True]


def test_a_vanished_task_is_in_the_book_but_never_listed() -> None:
    clock = SettableClock(START)
    book = TaskBook(clock, 60)
    gone = book.create(SPEC, vanishes())
    clock.advance(days=365)
    assert book.listed("p") == []
    assert book.find("p", gone.task_id) is None
    assert book.all() == (gone,)


def test_another_projects_task_is_neither_found_nor_deleted() -> None:
    book = TaskBook(lambda: START, 60)
    kept = book.create(SPEC, ORDINARY)
    book.delete("q", [kept.task_id])
    assert book.find("q", kept.task_id) is None
    assert book.all() == (kept,)


def test_tasks_made_by_many_threads_at_once_are_all_kept() -> None:
    book = TaskBook(lambda: START, 60)
    threads = [threading.Thread(target=book.create, args=(SPEC, ORDINARY)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({kept.task_id for kept in book.all()}) == 20
