"""What can go wrong with one export, for every interpreter of the state machine alike.

Each scenario is a committed file under tests/data/failures/: the path, the attempts, and how the execution ended.
`UPDATE_GOLDEN=1 make test TEST=tests/workflow/test_export_failures.py` writes them anew; read them before committing.
"""

import json
import os
import re
import signal
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from local.engine import Execution
from local.engine.polling import poll
from local.faults.connections import LOSE_ANSWER, Hang
from local.standin.accounts import DEMO_PROJECT_ID
from local.standin.faults.answers import answer, error, html_page, server_error, throttled
from local.standin.faults.fates import ends_as, expires, fails, never_finishes, vanishes
from local.standin.faults.mishaps import Fault
from local.standin.server import VendorStandIn
from tests.support.checks.history_limits import PAUSE
from tests.support.fixtures.deployment import Deployment
from workspace_exports.core.clock import utc_now
from workspace_exports.exports import EXPORTS
from workspace_exports.exports.windows import LATE_DATA

GOLDEN = Path(__file__).parents[1] / "data" / "failures"
DAY = ((utc_now() - LATE_DATA).date() - timedelta(days=1)).isoformat()
"""The last day that has settled."""
RECORDS: dict[str, Any] = {"kind": "connection-records", "project_id": DEMO_PROJECT_ID, "day": DAY}
NEVER_SEEN = {"POLL_UNSEEN_GRACE_SECONDS": "0"}
MOST_LOOKS = 30
"""More than any scenario has whose looks can be counted."""
SILENT = "http://silent"
"""Stands for an address that takes connections and never answers."""

Run = Callable[[str, object], Execution]


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One misfortune.

    Attributes:
        error: the class it ends in; none where the export lands all the same.
        faults: what befalls the vendor's operations.
        settings: of functions, by their name without `Function`.
        timeout_seconds: of the functions whose settings are named.
        killed: the function whose process is killed at each call of the operation with faults, while the vendor is
            silent.
        request: the execution's input.
    """

    name: str
    error: str | None
    faults: Mapping[str, list[Fault]] = field(default_factory=dict)
    settings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    timeout_seconds: int | None = None
    killed: str | None = None
    request: Mapping[str, Any] = field(default_factory=lambda: RECORDS)

    def play(self, deployment: Deployment, run: Run) -> "Played":
        """Let it happen."""
        begun = len(deployment.vendor.requests)
        with ExitStack() as stack:
            silent = stack.enter_context(_silence())
            for function, settings in self.settings.items():
                variables = {name: value.replace(SILENT, silent) for name, value in settings.items()}
                stack.enter_context(deployment.changed(function, timeout_seconds=self.timeout_seconds, **variables))
            for operation, faults in self.faults.items():
                deployment.vendor.script(operation, *faults)
                if self.killed:
                    stack.enter_context(killing(deployment, self.killed, operation, len(faults)))
            execution = run("ExportWorkflow", self.request)
        return Played(execution, calls_since(deployment.vendor, begun))


@dataclass(frozen=True, slots=True)
class Played:
    """How a scenario went.

    Attributes:
        calls: those that the vendor got, by operation; a look-up of the project is none, as containers keep it.
    """

    execution: Execution
    calls: Counter[str]


def calls_since(vendor: VendorStandIn, begun: int) -> Counter[str]:
    """Count the vendor's calls after so many earlier ones, by operation."""
    operations = (call.operation or "" for call in vendor.requests[begun:])
    return Counter(name for name in operations if name in EXPORTS or name in {"list", "download"})


def _order(*faults: Fault) -> dict[str, list[Fault]]:
    return {"connection-records": list(faults)}


FAILURES = [
    Scenario(name="rejected-by-us", error="Rejected", request=RECORDS | {"colour": "red"}),
    Scenario(
        name="rejected-by-the-vendor",
        error="Rejected",
        faults=_order(error(400, "WKS.00211102", "start_time is out of range")),
    ),
    Scenario(
        name="not-an-export-at-all", error="Rejected", request={"kind": ["logins"], "export": {"task_id": "mine"}}
    ),
    Scenario(name="misconfigured", error="Misconfigured", settings={"StartExport": {"WORKSPACE_REGION": "the moon"}}),
    Scenario(
        name="unauthorized",
        error="Unauthorized",
        faults=_order(error(401, "APIGW.0301", "Incorrect IAM authentication information: AK access failed")),
        # From a fresh start: a container leaves refused credentials alone for minutes.
        settings={"StartExport": {}},
    ),
    Scenario(name="unexpected-answer", error="UnexpectedAnswer", faults=_order(ends_as("PAUSED"))),
    Scenario(name="garbled-answers", error="VendorUnavailable", faults={"list": [html_page(200)] * 7}),
    Scenario(name="throttled-order", error="Throttled", faults=_order(*[throttled("1")] * 21)),
    Scenario(name="throttled-look", error="Throttled", faults={"list": [throttled()] * 21}),
    Scenario(name="vendor-unavailable-look", error="VendorUnavailable", faults={"list": [server_error(503)] * 7}),
    Scenario(name="vendor-unavailable-fetch", error="VendorUnavailable", faults={"download": [server_error(503)] * 6}),
    Scenario(
        name="archive-unavailable",
        error="ArchiveUnavailable",
        settings={"StartExport": {"ARCHIVE_URL": "s3://no-such-bucket/archive"}},
    ),
    Scenario(name="bad-file", error="BadFile", faults={"download": [html_page(200)] * 7}),
    Scenario(name="task-failed-twice", error="TaskFailed", faults=_order(*[fails("disk full", "WKS.0042")] * 2)),
    Scenario(
        name="task-lost-twice",
        error="TaskLost",
        faults=_order(vanishes(), vanishes()),
        settings={"StartExport": NEVER_SEEN, "PollStatus": NEVER_SEEN},
    ),
    Scenario(name="file-expired-twice", error="FileExpired", faults=_order(expires(0), expires(0))),
    Scenario(
        name="expired-then-rejected",
        error="Rejected",
        faults=_order(expires(0), error(400, "WKS.00211102", "start_time is out of range")),
    ),
    Scenario(
        name="deadline-exceeded",
        error="DeadlineExceeded",
        faults=_order(never_finishes()),
    ),
    Scenario(
        name="function-cut-off",
        error="Sandbox.Timedout",
        settings={"FetchFile": {"AWS_ENDPOINT_URL_S3": SILENT}},
        timeout_seconds=1,
    ),
    Scenario(name="function-died", error="Runtime.ExitError", faults={"download": [Hang(60)] * 6}, killed="FetchFile"),
    Scenario(
        name="failure-not-recorded",
        error="TaskFailed",
        faults=_order(*[fails("disk full", "WKS.0042")] * 2),
        settings={"RecordFailure": {"ARCHIVE_URL": "nowhere"}},
    ),
]

HEALED = [
    Scenario(name="ready-at-first-look", error=None),
    Scenario(name="task-failed-once", error=None, faults=_order(fails("disk full"))),
    Scenario(name="file-expired-once", error=None, faults=_order(expires(0))),
    Scenario(
        name="task-lost-at-a-look-once",
        error=None,
        faults=_order(vanishes()),
        settings={"StartExport": NEVER_SEEN, "PollStatus": NEVER_SEEN},
    ),
    Scenario(
        name="task-lost-at-the-download-once",
        error=None,
        faults={"download": [error(404, "WKS.00081103", "The task does not exist")]},
    ),
    Scenario(name="order-throttled-for-long", error=None, faults=_order(throttled("90"), throttled("3600"))),
    Scenario(name="look-throttled-for-long", error=None, faults={"list": [throttled("90")] * 2}),
    Scenario(name="fetch-throttled-for-long", error=None, faults={"download": [throttled("90")]}),
    Scenario(
        name="garbled-answers-that-pass",
        error=None,
        faults=_order(answer(200, b"{}"))
        | {
            "list": [html_page(200), answer(200, b'{"error_code": "APIGW.0308", "error_msg": "over ratelimit"}')],
            "download": [
                answer(200, b""),
                *[answer(status, b"") for status in (202, 204, 205)],
                answer(206, b"a part"),
                answer(203, b""),
            ],
        },
    ),
    Scenario(name="order-throttled", error=None, faults=_order(throttled(), throttled("1"), throttled())),
    Scenario(
        name="order-whose-answer-is-lost-in-an-outage",
        error=None,
        faults=_order(LOSE_ANSWER) | {"list": [server_error(503), server_error(500)]},
    ),
    Scenario(
        name="look-in-an-outage",
        error=None,
        faults={"list": [throttled(), server_error(503), server_error(500)]},
    ),
    Scenario(
        name="function-died-with-its-order-unanswered",
        error=None,
        faults=_order(Hang(60, after_work=True)),
        killed="StartExport",
    ),
    Scenario(name="function-died-twice", error=None, faults={"download": [Hang(60)] * 2}, killed="FetchFile"),
    Scenario(name="bad-file-six-times", error=None, faults={"download": [html_page(200)] * 6}),
]


@contextmanager
def _silence() -> Iterator[str]:
    """An address that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def killing(deployment: Deployment, function: str, operation: str, times: int) -> Iterator[None]:
    """Kills the function's process so many times: whenever the vendor has begun that work for it, an order's done."""
    vendor, name = deployment.vendor, deployment.stack.resources[f"{function}Function"]
    is_order, before = operation in EXPORTS, (len(vendor.tasks), len(vendor.calls(operation)))

    def begun() -> int:
        tasks, calls = len(vendor.tasks) - before[0], len(vendor.calls(operation)) - before[1]
        return tasks if is_order else calls

    def kill() -> None:
        for number in range(1, times + 1):
            poll(lambda: begun() >= number or None, timeout_seconds=30, waiting_for=f"call {number}")  # noqa: B023
            for process in deployment.engine.processes(name):
                os.kill(process, signal.SIGKILL)

    killer = threading.Thread(target=kill, name="killer")
    killer.start()
    try:
        yield
    finally:
        killer.join()


def path_of(execution: Execution) -> list[tuple[str, int]]:
    """The states it went through, each with how often its function was called."""
    path: list[tuple[str, int]] = []
    for event in execution.events:
        if "stateEnteredEventDetails" in event:
            path.append((event["stateEnteredEventDetails"]["name"], 0))
        elif event["type"] in {"TaskScheduled", "LambdaFunctionScheduled"}:
            path[-1] = (path[-1][0], path[-1][1] + 1)
    return path


def last_input(execution: Execution) -> dict[str, Any]:
    """What the last state was entered with."""
    entered = [e["stateEnteredEventDetails"] for e in execution.events if "stateEnteredEventDetails" in e]
    given: dict[str, Any] = json.loads(entered[-1]["input"])
    return given


def told(execution: Execution) -> str:
    """Path, attempts and end as one text, looks in a row told once, the unrepeatable replaced by their names."""
    path = list(_without_pauses(path_of(execution)))
    lines = [f"{state}{f', {calls} attempts' if calls > 1 else ''}" for state, calls in path]
    text = "\n".join(_without_repetition(lines, 3))
    if execution.status == "SUCCEEDED":
        return masked(f"{text}\n\n{execution.output['archived']['outcome']}\n")
    record = last_input(execution)["failure"].get("Record")
    shown = f"\n\n{json.dumps(record, indent=2)}" if record else ""
    return masked(f"{text}\n\n{execution.error}\n{_message(execution.cause or '')}{shown}\n")


def _without_pauses(path: Iterable[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    """The path with the states of a pause as one, and with a step that was throttled as one of several attempts."""
    before: tuple[str, int] | None = None
    for state, calls in path:
        if state in PAUSE:
            continue
        if before and before[0] == state:
            before = state, before[1] + calls
            continue
        if before:
            yield before
        before = state, calls
    if before:
        yield before


def _message(cause: str) -> str:
    """The cause as it is, or what the function said where the platform wrapped it up."""
    try:
        message: str = json.loads(cause)["errorMessage"]
    except ValueError:
        return cause
    return f"as the function raised it: {message}"


def _without_repetition(lines: list[str], length: int) -> Iterator[str]:
    at = 0
    while at < len(lines):
        block = lines[at : at + length]
        yield lines[at]
        at += 1
        if lines[at - 1 + length : at - 1 + 2 * length] == block:
            yield from block[1:]
            at += length - 1
            while lines[at : at + length] == block:
                at += length
            yield "... and again, as often as it takes"


def masked(text: str) -> str:
    for pattern, word in (
        (r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", "TIME"),
        (r"\d{4}-\d{2}-\d{2}", "DAY"),
        (DEMO_PROJECT_ID, "PROJECT"),
        (r'(?<=request_id=)[0-9a-f]{32}|(?<=request_id": ")[0-9a-f]{32}', "REQUEST"),
        (r'(?<=task_id=)[0-9a-f]{32}|(?<=task_id": ")[0-9a-f]{32}', "TASK"),
        (r"(?<=after )\d:\d\d:\d\d(\.\d+)?", "DURATION"),
        (r"(?<=\d )[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(?= Task timed out)", "REQUEST"),
    ):
        text = re.sub(pattern, word, text)
    return text


def check(scenario: Scenario, played: Played) -> None:
    """Compare what it told with the committed file."""
    file, text = GOLDEN / f"{scenario.name}.txt", f"{told(played.execution)}\n{calls_told(played.calls)}\n"
    if os.environ.get("UPDATE_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def calls_told(calls: Counter[str]) -> str:
    """The vendor's calls in one line; how many looks a task takes that never ends depends on the machine."""
    many = {name: str(count) if count <= MOST_LOOKS else "many" for name, count in sorted(calls.items())}
    return f"Calls of the vendor: {', '.join(f'{name} {count}' for name, count in many.items()) or 'none'}"
