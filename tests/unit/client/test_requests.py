"""One call to the vendor: what it says of itself, how long it may take, and what is left of its outcome."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.utils import format_datetime

import httpx
import pytest

from tests.support.builders.examples import AloneInTheBook
from workspace_exports.client.answers import Answer
from workspace_exports.client.requests import RequestSender
from workspace_exports.client.retry import RetryPolicy
from workspace_exports.client.workspace import WorkspaceClient
from workspace_exports.core.clock import to_wire, utc_now
from workspace_exports.core.deadline import Deadline
from workspace_exports.core.errors import Rejected, UnexpectedAnswer


class Left(Deadline):
    """So many seconds, for ever; `earlier` leaves fewer."""

    def remaining_seconds(self) -> float:
        return self.at


class Pieces(httpx.SyncByteStream):
    """A body that comes in pieces, and breaks off after them."""

    def __iter__(self) -> Iterator[bytes]:
        yield from (b"half ", b"a rea")
        raise httpx.ReadError("reset")


def answered(_: Answer) -> bool:
    """Any success will do."""
    return True


@contextmanager
def calling(
    *answers: httpx.Response, seconds: float = 60
) -> Iterator[tuple[RequestSender, list[httpx.Request], list[float]]]:
    """A caller that gets these answers; what it sent; how long it waited."""
    sent: list[httpx.Request] = []
    waits: list[float] = []
    left = list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return left.pop(0)

    with httpx.Client(base_url="https://vendor.example", transport=httpx.MockTransport(answer)) as http:
        policy, deadline = RetryPolicy(attempts=min(len(answers), 4)), Left(seconds)
        yield RequestSender(http, "p1", deadline, policy, sleep=waits.append, draw=lambda: 0.5), sent, waits


def test_a_request_names_its_project_and_invites_no_encoding() -> None:
    with calling(httpx.Response(200)) as (caller, sent, _):
        caller.ask(caller.request("GET", "/v2/p1/x"), "look", answered, "is none")
    headers = sent[0].headers
    assert (headers["x-project-id"], headers["content-type"]) == ("p1", "application/json")
    assert headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(("seconds", "connecting", "answering"), [(60, 5, 10), (7, 5, 7), (3, 3, 3), (0, 0.5, 0.5)])
def test_a_call_takes_no_longer_than_there_is_time(seconds: float, connecting: float, answering: float) -> None:
    with calling(httpx.Response(200), seconds=seconds) as (caller, sent, _):
        caller.attempt(caller.request("GET", "/v2/p1/x"))
    assert sent[0].extensions["timeout"] == {
        "connect": connecting,
        "read": answering,
        "write": answering,
        "pool": answering,
    }


def test_of_an_errors_body_all_is_kept_that_came() -> None:
    with calling(httpx.Response(400, stream=Pieces())) as (caller, _, _):
        attempt = caller.attempt(caller.request("GET", "/v2/p1/x"), stream=True)
    with pytest.raises(Rejected, match="half a rea"):
        attempt.read("look", answered, "is none")


def test_a_date_to_come_back_at_is_compared_with_our_clock_where_the_answer_has_none() -> None:
    later = {"Retry-After": format_datetime(utc_now() + timedelta(seconds=3.9), usegmt=True)}
    for keeping_back in (0, 5):
        with calling(httpx.Response(503, headers=later), httpx.Response(200)) as (caller, _, waits):
            caller.keeping_back(keeping_back).ask(caller.request("GET", "/v2/p1/x"), "look", answered, "is none")
        assert 2 <= waits[0] <= 4


def test_there_is_time_until_none_is_left() -> None:
    for seconds, expected in ((0.25, True), (0, False)):
        with calling(seconds=seconds) as (caller, _, _):
            assert caller.has_time is expected


def test_a_pause_leaves_time_for_what_comes_after() -> None:
    for seconds, expected in ((1.5, [1.0]), (1.25, [])):
        with calling(seconds=seconds) as (caller, _, waits):
            assert caller.pause(1.0) is bool(expected)
        assert waits == expected


def listed(*tasks: dict[str, str], ahead: timedelta) -> httpx.Response:
    date = format_datetime(utc_now() + ahead, usegmt=True)
    return httpx.Response(200, json={"export_tasks": list(tasks)}, headers={"Date": date})


def test_a_lost_orders_task_is_told_by_the_vendors_clock() -> None:
    ahead = timedelta(hours=1)
    task = {"task_id": "t1", "status": "CREATING", "create_time": to_wire(utc_now() + ahead)}
    with calling(listed(task, ahead=ahead)) as (caller, _, _):
        assert WorkspaceClient(caller).find_lost_order(timedelta(), AloneInTheBook()) == "t1"


def test_an_unreadable_task_of_another_order_is_passed_over() -> None:
    strange = {"task_id": "t0", "status": "PAUSED", "create_time": to_wire(utc_now())}
    ours = {"task_id": "t1", "status": "CREATING", "create_time": to_wire(utc_now())}
    with calling(listed(strange, ours, ahead=timedelta())) as (caller, _, _):
        assert WorkspaceClient(caller).find_lost_order(timedelta(), AloneInTheBook()) == "t1"


def test_ours_is_not() -> None:
    strange = {"task_id": "t1", "status": "PAUSED"}
    with (
        calling(listed(strange, ahead=timedelta())) as (caller, _, _),
        pytest.raises(UnexpectedAnswer, match="PAUSED"),
    ):
        WorkspaceClient(caller).find_task("t1")


def test_the_list_is_asked_newest_first_and_for_either_kind_of_task() -> None:
    newest = {"sort_field": "create_time", "sort_type": "DESC", "limit": "100"}
    with calling(*[listed(ahead=timedelta())] * 6) as (caller, sent, _):
        client = WorkspaceClient(caller)
        assert client.find_task("t1") is None
        assert client.find_lost_order(timedelta(hours=1), AloneInTheBook()) is None
    assert [dict(request.url.params) for request in sent[:3]] == [
        newest | {"task_id": "t1", "is_download": "false", "offset": "0"},
        newest | {"task_id": "t1", "is_download": "true", "offset": "0"},
        newest,
    ]


def test_what_the_list_says_of_a_task_is_what_is_told_of_the_export() -> None:
    told = {"status": "FAIL", "file_name": "a.xlsx", "fail_reason": "no rows", "error_code": "WKS.1"}
    with calling(listed(told | {"task_id": "t1"}, ahead=timedelta())) as (caller, _, _):
        task = WorkspaceClient(caller).find_task("t1")
    assert task is not None
    assert task.observation == told
