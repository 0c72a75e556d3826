"""What the vendor says of tasks, projects and tokens: bodies of successes."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TypeVar

import httpx

from tests.fuzz.messages import Message, check_line, each, read_message
from tests.support.builders.examples import PROJECT_ID, TASK_ID, observed_export
from workspace_exports.client.credentials import Login
from workspace_exports.client.iam import Iam
from workspace_exports.client.lost_orders import task_made_by_order
from workspace_exports.client.requests import RequestSender
from workspace_exports.client.retry import RetryPolicy
from workspace_exports.client.task_list import TaskList
from workspace_exports.client.tasks import ExportTask
from workspace_exports.client.tokens import Tokens
from workspace_exports.core.clock import utc_now
from workspace_exports.core.contract import NAME
from workspace_exports.core.deadline import Deadline
from workspace_exports.core.errors import ExportError
from workspace_exports.events import ObservedExport
from workspace_exports.orders import CompetingOrders

AnswerT = TypeVar("AnswerT")

_LOGIN = Login("user", "password", "domain")
_MOST_CALLS = 40
"""Twenty pages of each of the two lists."""


def check(content: bytes) -> None:
    """A task, a project, a token, none, or an answer that is not understood; nothing unprintable, no endless list."""
    message = read_message(content)
    calls = 0

    def send(_: httpx.Request) -> httpx.Response:
        nonlocal calls
        calls += 1
        return httpx.Response(200, headers=message.sendable, stream=httpx.ByteStream(message.body))

    with httpx.Client(base_url="https://vendor.invalid", transport=httpx.MockTransport(send)) as http:
        tasks = TaskList(RequestSender(http, PROJECT_ID, Deadline.after(3600), RetryPolicy(), sleep=lambda _: None))
        _check_newest(tasks)
        _check_found(tasks)
        assert calls <= 1 + _MOST_CALLS
        _check_sign_in(Iam(http, "https://iam.invalid", "eu-west-101"), message)


def _check_newest(tasks: TaskList) -> None:
    newest, now = _understood(tasks.newest) or ([], utc_now())
    for task in newest:
        _check_task(task)
    assert task_made_by_order(newest, now - timedelta(minutes=1), CompetingOrders()) in [None, *newest]
    assert abs(now - utc_now()) is not None


def _check_found(tasks: TaskList) -> None:
    task = _understood(lambda: tasks.find(TASK_ID))
    if task:
        assert task.task_id == TASK_ID
        _check_task(task)
        observed = observed_export().model_copy(update=task.observation)
        assert ObservedExport.model_validate_json(observed.model_dump_json()) == observed


def _understood(ask: Callable[[], AnswerT]) -> AnswerT | None:
    try:
        return ask()
    except ExportError as error:
        check_line(error.what[:300])
        return None


def _check_task(task: ExportTask) -> None:
    assert re.fullmatch(NAME, task.task_id), "no task of ours is called so, and it may become part of a key"
    for words in (task.file_name, task.fail_reason, task.error_code):
        check_line(words)
    assert task.created_at is None or task.created_at.tzinfo


def _check_sign_in(iam: Iam, message: Message) -> None:
    try:
        for project_id in iam.projects():
            assert isinstance(project_id, str)
    except ExportError:
        pass
    tokens = Tokens(iam, PROJECT_ID)
    try:
        token = tokens.token(_LOGIN)
        assert tokens.token(_LOGIN).value == token.value == message.headers["x-subject-token"]
    except ExportError:
        pass


def seeds() -> Iterator[bytes]:
    """Lists and tokens as they are documented, and as they might be meant."""
    date = {"Date": "Sun, 22 Nov 2026 04:30:00 GMT"}
    token = {"X-Subject-Token": "t0k3n"}
    made = b'"create_time": "2026-11-22T04:29:30Z"'
    task = f'"task_id": "{TASK_ID}"'.encode()
    return each(
        [
            (200, date, b'{"export_tasks": [{%b, "status": "SUCCESS", "file_name": "a.xlsx", %b}]}' % (task, made)),
            (200, date, b'{"export_tasks": [{%b, "status": "FAIL", "fail_reason": "x", "error_code": "1"}]}' % task),
            (200, date, b'{"export_tasks": [{%b, "status": "DONE"}, {"task_id": 7}, 1, null]}' % task),
            (200, date, b'{"export_tasks": [{"task_id": "../x", "status": "CREATING", %b}]}' % made),
            (200, {}, b'{"export_tasks": [%b]}' % b", ".join([b'{"task_id": "s", "status": "SUCCESS"}'] * 100)),
            (200, {}, b'{"export_tasks": [], "total_count": 0}'),
            (200, {"Date": "Fri, 31 Dec 9999 23:59:59 GMT"}, b'{"export_tasks": []}'),
            (200, {}, b'{"projects": [{"id": "p"}]}'),
            (200, token, b'{"token": {"expires_at": "2099-11-23T04:30:00.000000Z", "project": {"id": "p"}}}'),
            (200, token, b'{"token": {"expires_at": "0001-01-01T00:00:00+00:00", "project": {"id": 1}}}'),
            (200, token, b'{"token": {"expires_at": "9999-12-31T23:59:59-12:00", "project": {"id": null}}}'),
        ]
    )
