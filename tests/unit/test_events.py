"""Contracts refuse what they do not know, in words; and each handler's output is the next one's input."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.builders.examples import observed_export
from workspace_exports.core.errors import Rejected
from workspace_exports.core.validation import parse
from workspace_exports.coverage.plans import PlanRequest
from workspace_exports.events import ExportRequest, ObservedExport, OrderedExport


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({}, "kind is missing: add it"),
        ({"kind": "logins"}, "kind 'logins' is not known"),
        ({"kind": ["connection-records"]}, "kind: input should be a valid string"),
        ({"kind": "app-user-access", "colour": 1}, "colour is not a field here: use kind, project_id, day"),
        ({"kind": "app-user-access", "day": "20.11.2026"}, "day must be a day such as 2026-11-20, not '20.11.2026'"),
        ({"kind": "app-user-access", "day": "2026-02-30"}, "day must be a day such as 2026-11-20"),
        ({"kind": "app-user-access", "day": 20261120}, "day must be a day such as 2026-11-20"),
        ({"kind": "app-user-access", "start_time": "2026-11-20"}, "start_time must be a UTC time such as"),
        ({"kind": "app-user-access", "start_time": "2026-11-20T00:00:00+08:00"}, "start_time must be a UTC time"),
        ({"kind": "app-user-access", "end_time": 1795132800}, "end_time must be a UTC time"),
        (
            {"kind": "app-user-access", "day": "2026-11-20", "start_time": "2026-11-20T01:00:00Z"},
            "day and start_time or end_time contradict each other",
        ),
        ({"kind": "app-user-access", "project_id": "a/b"}, "project_id: string should match pattern"),
        ({"kind": "app-user-access", "filters": "x"}, "filters: input should be a valid dictionary"),
        ("2026-11-20", "the input: input should be a valid dictionary"),
        (None, "the input: input should be a valid dictionary"),
    ],
)
def test_a_wrong_request_is_rejected_with_what_to_change(document: object, says: str) -> None:
    with pytest.raises(Rejected) as caught:
        parse(ExportRequest, document)
    assert says in str(caught.value)


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(Rejected, match=r"day must be .*; colour is not a field"):
        parse(ExportRequest, {"kind": "app-user-access", "day": "x", "colour": "red"})


def test_a_long_value_is_not_repeated_whole() -> None:
    with pytest.raises(Rejected) as caught:
        parse(ExportRequest, {"kind": "app-user-access", "filters": "x" * 10_000})
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("task_id", ["", "../x", "a/b", "a b", "x" * 65, "a\n"])
def test_a_task_id_that_could_leave_its_place_is_rejected(task_id: str) -> None:
    document = observed_export().model_dump(mode="json") | {"task_id": task_id}
    with pytest.raises(Rejected, match="task_id"):
        parse(ObservedExport, document)


def test_a_day_stands_for_its_bounds_and_may_be_given_with_them() -> None:
    document = {"kind": "app-user-access", "day": "2026-11-20"}
    bounds = {"start_time": "2026-11-20T00:00:00Z", "end_time": "2026-11-20T23:59:59Z"}
    assert parse(ExportRequest, document).window == parse(ExportRequest, document | bounds).window


def test_each_output_is_the_next_ones_input() -> None:
    ordered = OrderedExport(
        kind="app-user-access", project_id="p", task_id="t", ordered_at=datetime(2026, 11, 22, tzinfo=UTC)
    )
    looked = parse(ObservedExport, ordered.model_dump(mode="json", exclude_none=True))
    assert parse(ObservedExport, looked.model_dump(mode="json", exclude_none=True)) == looked
    assert looked.status is None


def test_facts_name_the_export_and_no_filter_value() -> None:
    export = observed_export(filters={"user_name": "a person"})
    assert "a person" not in str(export.log_fields)
    assert set(export.log_fields) == {"kind", "window", "task_id"}


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({"kinds": []}, "kinds: list should have at least 1 item"),
        ({"kinds": ["logins"]}, "kinds[0] 'logins' is not known"),
        ({"first_day": "2026-11-20", "last_day": "2026-11-19"}, "first_day 2026-11-20 is after last_day 2026-11-19"),
    ],
)
def test_a_wrong_plan_request_is_rejected(document: dict[str, Any], says: str) -> None:
    with pytest.raises(Rejected) as caught:
        parse(PlanRequest, document)
    assert says in str(caught.value)


@pytest.mark.parametrize("filters", ["user_name=canary-person", [{"user_name": "canary-person"}]], ids=["text", "list"])
def test_what_was_given_for_filters_is_never_told(filters: object) -> None:
    with pytest.raises(Rejected, match="filters") as caught:
        parse(ExportRequest, {"kind": "users", "filters": filters})
    assert "canary-person" not in str(caught.value)
