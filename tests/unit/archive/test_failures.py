"""Why an export failed: kept in the archive, told in the state machine's own words."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.builders.examples import NOW, PROJECT_ID, TASK_ID, observed_export
from workspace_exports.archive.execution_failure import Caught, FailedExecution
from workspace_exports.archive.failures import Failure, read_failure, write_failure
from workspace_exports.archive.layout import failure_key
from workspace_exports.core.errors import TaskFailed
from workspace_exports.storage.store import Store, open_store

FAILURE = Failure(
    kind="connection-records",
    project_id=PROJECT_ID,
    window="2026-11-20T00:00:00Z/2026-11-20T23:59:59Z",
    task_id=TASK_ID,
    error="TaskFailed",
    what="The vendor ended the task with FAIL.",
    vendor_code="WKS.0042",
    vendor_reason="disk full",
    advice="Order the export again.",
    at=NOW,
)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path.as_uri())


class TestArchive:
    def test_the_last_failure_of_an_export_is_found_for_the_same_request(self, store: Store) -> None:
        write_failure(store, observed_export(), FAILURE.model_copy(update={"error": "TaskLost"}))
        write_failure(store, observed_export(), FAILURE)
        other_order = observed_export(task_id="b" * 32, ordered_at="2026-11-22T05:00:00Z")
        assert read_failure(store, other_order) == FAILURE

    @pytest.mark.parametrize(
        "other", [{"day": "2026-11-19"}, {"kind": "user-usage"}, {"project_id": "p"}, {"filters": {"user_name": "x"}}]
    )
    def test_another_export_has_its_own(self, store: Store, other: dict[str, object]) -> None:
        write_failure(store, observed_export(), FAILURE)
        assert read_failure(store, observed_export(**other)) is None

    def test_one_name_for_a_day_whether_it_had_settled_or_not(self) -> None:
        early = observed_export(day="2026-11-21", ordered_at="2026-11-22T00:30:00Z")
        late = observed_export(day="2026-11-21", ordered_at="2026-11-25T00:00:00Z")
        place = f"kind=connection-records/project_id={PROJECT_ID}"
        assert failure_key(early) == failure_key(late) == f"failures/{place}/day=2026-11-21.json"

    @pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"error": 1}', b"\xff"])
    def test_a_record_that_is_not_understood_counts_as_none(self, store: Store, content: bytes) -> None:
        store.replace(failure_key(observed_export()), content)
        assert read_failure(store, observed_export()) is None

    def test_what_a_later_version_adds_is_passed_over(self, store: Store) -> None:
        later = FAILURE.model_dump_json().replace("{", '{"severity": 3, ', 1)
        store.replace(failure_key(observed_export()), later.encode())
        assert read_failure(store, observed_export()) == FAILURE


REQUEST = {"kind": "connection-records", "day": "2026-11-20"}
ORDERED = json.loads(observed_export().model_dump_json())
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


def raised(error: Exception) -> dict[str, str]:
    """As Lambda's runtime reports it and Step Functions hands it to a Catch."""
    report = {"errorMessage": str(error), "errorType": type(error).__name__, "stackTrace": ["  File ...\n"]}
    return {"Error": type(error).__name__, "Cause": json.dumps(report)}


def failed(failure: dict[str, Any], **state: object) -> FailedExecution:
    return FailedExecution.model_validate({"request": REQUEST, "state": {**REQUEST, "failure": failure, **state}})


class TestWhatTheMachineCaught:
    def test_an_error_of_ours_is_told_part_by_part(self) -> None:
        error = TaskFailed(
            "The vendor ended the task with FAIL", vendor_code="WKS.0042", vendor_reason="disk full", task_id=TASK_ID
        )
        failure = failed(raised(error), export=ORDERED).failure(None, NOW)
        assert failure == FAILURE.model_copy(update={"advice": error.advice})
        assert failure.text.split("\n") == [
            "The vendor ended the task with FAIL.",
            "The vendor says WKS.0042: disk full.",
            error.advice,
            f"[kind=connection-records, window={FAILURE.window}, task_id={TASK_ID}]",
        ]

    @pytest.mark.parametrize(
        ("caught", "what", "advice"),
        [
            (
                {"Error": "Sandbox.Timedout", "Cause": '{"errorMessage": "RequestId: 1 Error: Task timed out"}'},
                "RequestId: 1 Error: Task timed out.",
                "Run the export again; a function",
            ),
            ({"Error": "Runtime.ExitError"}, "Runtime.ExitError, without a message.", "Run the export again"),
            ({"Error": "States.Timeout"}, "States.Timeout, without a message.", "Run the export again"),
            ({"Error": "Lambda.Unknown", "Cause": ""}, "Lambda.Unknown, without", "Run the export again"),
            ({"Error": "States.Runtime", "Cause": "no path"}, "no path.", "Read the function's log"),
            ({"Error": "KeyError", "Cause": '{"errorMessage": "\'x\'"}'}, "'x'.", "Read the function's log"),
            ({"Error": "TaskFailed", "Cause": '{"errorMessage": 7}'}, '{"errorMessage": 7}.', "Order the export again"),
            ({"Error": "Throttled", "Cause": "[]"}, "[].", "Try again later"),
            ({"Error": "Throttled", "Cause": "[" * 100_000}, "[[[", "Try again later"),
            ({"Error": "annotations", "Cause": "not a class"}, "not a class.", "Read the function's log"),
            ({"Error": "Any", "Cause": "two\nlines"}, "two lines.", "Read the function's log"),
        ],
        ids=lambda value: value["Error"] if isinstance(value, dict) else "",
    )
    def test_any_other_error_is_told_in_a_line(self, caught: dict[str, Any], what: str, advice: str) -> None:
        account = Caught.model_validate(caught).account
        assert account.what.startswith(what)
        assert account.advice.startswith(advice)

    def test_what_looks_like_a_secret_is_not_told(self) -> None:
        caught = raised(ValueError("no route to https://host/path?Signature=canary with secret_key=canary"))
        assert "canary" not in failed(caught).failure(None, NOW).text

    def test_the_first_failure_is_told_with_the_second(self) -> None:
        again = failed(raised(TaskFailed("again")), export=ORDERED, ordered_again=raised(TaskFailed("first")))
        failure = again.failure(None, NOW)
        assert failure.before == "TaskFailed: first."
        assert "again. This was the second order; the first ended in TaskFailed: first." in failure.text
        assert "The next run orders it again" in failure.advice

    @pytest.mark.parametrize(
        ("request_", "kind", "project"),
        [
            (REQUEST, "connection-records", "default"),
            (REQUEST | {"project_id": "p"}, "connection-records", "p"),
            (REQUEST | {"task_id": "0123"}, "connection-records", "default"),
            (REQUEST | {"colour": "red"}, None, "default"),
            ([], None, "default"),
            (None, None, "default"),
        ],
    )
    def test_an_export_that_was_not_ordered_is_known_by_its_request(
        self, request_: object, kind: str | None, project: str
    ) -> None:
        execution = FailedExecution.model_validate({"request": request_, "state": {"failure": raised(KeyError("x"))}})
        failure = execution.failure("default", NOW)
        assert (failure.kind, failure.project_id) == (kind, project)

    @given(request_=ANYTHING, export=ANYTHING, error=st.text(), cause=st.none() | st.text())
    def test_no_content_is_too_strange(self, request_: object, export: object, error: str, cause: str | None) -> None:
        state = {"export": export, "failure": {"Error": error, "Cause": cause}}
        failure = FailedExecution.model_validate({"request": request_, "state": state}).failure(None, NOW)
        assert failure.text
        assert failure.error == error
