"""Which task an order without an answer has made: the only one it can be, or none."""

from datetime import timedelta

import pytest

from tests.support.builders.examples import NOW
from workspace_exports.client.lost_orders import task_made_by_order
from workspace_exports.client.tasks import ExportTask, read_task
from workspace_exports.core.errors import VendorUnavailable
from workspace_exports.events import TaskStatus
from workspace_exports.orders import CompetingOrders


def task(name: str, seconds: float = 1, suffix: str = "Z") -> ExportTask:
    made = (NOW + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.123") + suffix
    return ExportTask(task_id=name, status=TaskStatus.CREATING, create_time=made)


def test_a_task_made_long_after_the_order_belongs_to_another_order() -> None:
    assert task_made_by_order([task("theirs", 180)], NOW, CompetingOrders()) is None
    assert task_made_by_order([task("ours", 110)], NOW, CompetingOrders())


def test_the_only_task_since_the_order_is_ours() -> None:
    found = task_made_by_order([task("ours"), task("older", -60)], NOW, CompetingOrders())
    assert found is not None
    assert found.task_id == "ours"


@pytest.mark.parametrize("suffix", ["Z", "+0000", "+00:00", ""])
def test_both_documented_time_formats_are_read(suffix: str) -> None:
    assert task_made_by_order([task("ours", suffix=suffix)], NOW, CompetingOrders())


def test_a_task_made_within_the_second_of_its_order_is_not_too_old() -> None:
    assert task_made_by_order([task("ours", -1)], NOW, CompetingOrders())


def test_a_time_of_another_zone_is_the_moment_it_names() -> None:
    made = (NOW + timedelta(hours=8, seconds=1)).strftime("%Y-%m-%dT%H:%M:%S+0800")
    ours = ExportTask(task_id="ours", status=TaskStatus.CREATING, create_time=made)
    assert task_made_by_order([ours], NOW, CompetingOrders())


@pytest.mark.parametrize(("seconds", "is_ours"), [(-3, False), (-2, True), (0, True), (122, True), (123, False)])
def test_an_order_takes_two_minutes_at_most_and_clocks_have_whole_seconds(seconds: int, *, is_ours: bool) -> None:
    made = (NOW + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
    one = ExportTask(task_id="a", status=TaskStatus.CREATING, create_time=made)
    assert (task_made_by_order([one], NOW, CompetingOrders()) is not None) == is_ours


def test_while_another_order_is_not_settled_the_task_may_be_its() -> None:
    assert task_made_by_order([task("a")], NOW, CompetingOrders(unsettled=True)) is None


def test_two_candidates_are_none() -> None:
    assert task_made_by_order([task("a"), task("b")], NOW, CompetingOrders()) is None


def test_what_is_known_to_belong_to_another_order_is_no_candidate() -> None:
    found = task_made_by_order([task("a"), task("b")], NOW, CompetingOrders(task_ids=frozenset({"a"})))
    assert found is not None
    assert found.task_id == "b"


@pytest.mark.parametrize("time", [None, "", "yesterday", "2026-11-22 04:30"])
def test_a_task_without_a_usable_time_is_never_adopted(time: str | None) -> None:
    unknown = ExportTask(task_id="a", status=TaskStatus.CREATING, create_time=time and "x")
    assert task_made_by_order([unknown], NOW, CompetingOrders()) is None


def test_a_task_that_is_listed_twice_is_one() -> None:
    found = task_made_by_order([task("ours"), task("ours")], NOW, CompetingOrders())
    assert found is not None
    assert found.task_id == "ours"


@pytest.mark.parametrize("name", ["../ours", "", "a/b", "x" * 65, "a\nb"])
def test_a_task_whose_id_could_not_be_a_part_of_a_path_is_not_understood(name: str) -> None:
    with pytest.raises(VendorUnavailable, match="task_id"):
        read_task({"task_id": name, "status": "SUCCESS"})
