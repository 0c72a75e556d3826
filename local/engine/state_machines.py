"""Brings ministack's Step Functions closer to the real ones, and makes their waits short and repeatable."""

import functools
import importlib
import json
import math
import random
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from local.engine.patches import Replacements

STATE_PAYLOAD_LIMIT_BYTES = 256 * 1024
_PLAIN_PATH = re.compile(r"\$(\.\w+)+")
_NOT_CAUGHT_BY_STATES_ALL = frozenset({"States.DataLimitExceeded", "States.Runtime"})


@dataclass(frozen=True, slots=True)
class Retry:
    """One retry a state machine decided on; ``delay_seconds`` is before any scaling."""

    error: str
    attempt: int
    longest_seconds: float
    delay_seconds: float


@dataclass(slots=True)
class Pace:
    """How state machines spend time: every Wait state and retry delay goes through here."""

    wait_scale: float
    rng: random.Random
    retries: list[Retry] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def sleep(self, seconds: float) -> None:
        """Sleep scaled; when the engine stops, end the execution that sleeps."""
        if self.stopped.wait(seconds * self.wait_scale):
            raise _execution_error("States.Runtime", "the engine stopped")

    def draw(self, retrier: Mapping[str, Any], error: str, attempt: int) -> Retry:
        """Decide on a delay the way the States Language does: back off, cap, then draw."""
        backoff = retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2.0) ** attempt
        longest = min(backoff, retrier.get("MaxDelaySeconds", math.inf))
        delay = self.rng.uniform(0, longest) if retrier.get("JitterStrategy") == "FULL" else longest
        retry = Retry(error=error, attempt=attempt + 1, longest_seconds=longest, delay_seconds=delay)
        self.retries.append(retry)
        return retry


def replacements(pace: Pace, names: "Names") -> Replacements:
    """Return the replacements in ministack, for ``patches.applied``."""
    steps = "services.stepfunctions"
    return {
        f"{steps}:_find_matching_retrier": lambda original: _with_drawn_delay(original, pace),
        f"{steps}:_scaled_sleep": lambda _: pace.sleep,
        f"{steps}:time": lambda _: _without_start_delay(),
        f"{steps}:_add_event": _with_payload_limit,
        f"{steps}:_error_matches": _with_uncatchable_errors,
        f"{steps}:_nested_execution_failure": lambda _: _nested_failure,
        f"{steps}:_resolve_params_obj": _with_missing_paths_refused,
        f"{steps}:_apply_result_selector": _with_result_limit,
        f"{steps}:_run_distributed_map": _with_concurrency_path,
        f"{steps}:_invoke_nested_start_execution_sync": names.kept,
        f"{steps}:_SERVICE_DISPATCH": _with_notifications_as_documented,
        f"{steps}:_run_sub_machine": _with_history_of_items,
    }


def _with_drawn_delay(original: Callable[..., Any], pace: Pace) -> Callable[..., Any]:
    """Ministack knows neither ``MaxDelaySeconds`` nor ``JitterStrategy``: hand it a delay already decided."""

    def find(retriers: Sequence[Mapping[str, Any]], error: str, counts: Mapping[int, int]) -> tuple[Any, int]:
        retrier, index = original(retriers, error, counts)
        if retrier is None:
            return None, index
        retry = pace.draw(retrier, error, counts.get(index, 0))
        return {**retrier, "IntervalSeconds": retry.delay_seconds, "BackoffRate": 1}, index

    return find


def _without_start_delay() -> SimpleNamespace:
    """Every execution starts with a fixed ``time.sleep``, the only one left once ``_scaled_sleep`` is replaced."""
    return SimpleNamespace(sleep=lambda _seconds: None, time=time.time, monotonic=time.monotonic)


def _with_payload_limit(original: Callable[..., Any]) -> Callable[..., Any]:
    """Steps carry 256 KiB at most; measured where history is written, escapes included, so a little strictly."""

    def add(execution: object, event_type: str, details: Mapping[str, Mapping[str, Any]] | None = None) -> object:
        carried = [value.get(key) or "" for value in (details or {}).values() for key in ("input", "output")]
        if not event_type.startswith("Execution") and any(len(text) > STATE_PAYLOAD_LIMIT_BYTES for text in carried):
            raise _execution_error("States.DataLimitExceeded", f"{event_type} carries more than 256 KiB")
        return original(execution, event_type, details)

    return add


def _with_uncatchable_errors(original: Callable[..., bool]) -> Callable[..., bool]:
    """``States.ALL`` catches everything but these."""

    def matches(error_equals: Sequence[str], error: str) -> bool:
        if error in _NOT_CAUGHT_BY_STATES_ALL:
            return error in error_equals
        return original(error_equals, error)

    return matches


def _with_missing_paths_refused(original: Callable[..., Any]) -> Callable[..., Any]:
    """Ministack puts null where a plain path of a payload template leads nowhere; arguments of intrinsics still do."""

    def resolve(template: object, data: object, context: object = None) -> object:
        for name, path in template.items() if isinstance(template, dict) else ():
            if name.endswith(".$") and _PLAIN_PATH.fullmatch(str(path)) and not _leads_somewhere(path, data):
                raise _execution_error("States.Runtime", f"The JSONPath '{path}' for '{name}' could not be found")
        return original(template, data, context)

    return resolve


def _leads_somewhere(path: str, data: object) -> bool:
    for name in path.split(".")[1:]:
        if not isinstance(data, dict) or name not in data:
            return False
        data = data[name]
    return True


def _nested_failure(payload: Mapping[str, Any]) -> tuple[str, str]:
    """A failed child is ``States.TaskFailed`` to its parent, with the child's description as the cause."""
    described = {name[0].upper() + name[1:]: value for name, value in payload.items() if name != "output"}
    return "States.TaskFailed", json.dumps(described)


def _with_result_limit(original: Callable[..., Any]) -> Callable[..., Any]:
    """A result carries 256 KiB at most even if nothing of it is kept; ministack writes no history of a Map's."""

    def select(state: Mapping[str, Any], result: object) -> object:
        if len(json.dumps(result)) > STATE_PAYLOAD_LIMIT_BYTES:
            raise _execution_error("States.DataLimitExceeded", f"A {state['Type']} returned more than 256 KiB")
        return original(state, result)

    return select


def _with_concurrency_path(original: Callable[..., Any]) -> Callable[..., Any]:
    """Ministack knows no ``MaxConcurrencyPath``: hand it the number that is there."""

    def run(state: Mapping[str, Any], raw: object, effective: Mapping[str, Any], *rest: object) -> object:
        path = state.get("MaxConcurrencyPath")
        if path is None:
            return original(state, raw, effective, *rest)
        if not _leads_somewhere(path, effective):
            raise _execution_error("States.Runtime", f"The path '{path}' for 'MaxConcurrencyPath' could not be found")
        limit: Any = functools.reduce(lambda value, name: value[name], path.split(".")[1:], effective)
        return original({**state, "MaxConcurrency": limit}, raw, effective, *rest)

    return run


@dataclass(slots=True)
class _Started:
    """A nested execution that somebody named."""

    payload: str
    over: threading.Event = field(default_factory=threading.Event)
    result: Any = None
    error: Exception | None = None


class Names:
    """The names of nested executions, which ministack gives away again.

    As AWS documents StartExecution: while an execution runs, the same name with the same input is that execution, and
    whoever asks for it waits for it too; with another input, or once it is over, the name is refused, for 90 days.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], _Started] = {}

    def forget(self) -> None:
        """All names are free, as they are after 90 days."""
        with self._lock:
            self._known.clear()

    def kept(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """What starts a nested execution and waits for its end."""

        def start(resource: str, request: Mapping[str, Any]) -> object:
            return self._start(original, resource, request)

        return start

    def _start(self, original: Callable[..., Any], resource: str, request: Mapping[str, Any]) -> object:
        name = request.get("Name")
        if not name:
            return original(resource, request)
        mine = _Started(json.dumps(request.get("Input"), sort_keys=True))
        with self._lock:
            first = self._known.setdefault((request["StateMachineArn"], name), mine)
        if first is not mine:
            return self._joined(first, mine, name)
        try:
            first.result = original(resource, request)
        except Exception as error:
            first.error = error
            raise
        finally:
            first.over.set()
        return first.result

    @staticmethod
    def _joined(first: _Started, mine: _Started, name: str) -> object:
        if first.over.is_set() or first.payload != mine.payload:
            raise _execution_error(
                "StepFunctions.ExecutionAlreadyExistsException", f"Execution Already Exists: '{name}'"
            )
        first.over.wait()
        if first.error:
            raise first.error
        return first.result


def _with_notifications_as_documented(original: Mapping[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """Ministack drops a message's attributes, and takes a refused event for a sent one."""
    sns, events = "arn:aws:states:::sns:publish", "arn:aws:states:::events:putEvents"

    def publish(resource: str, request: Mapping[str, Any]) -> object:
        return original[sns](resource, {**request, **_as_query(request.get("MessageAttributes", {}))})

    def put_events(resource: str, request: Mapping[str, Any]) -> object:
        answer = original[events](resource, request)
        if answer.get("FailedEntryCount"):
            raise _execution_error("EventBridge.FailedEntry", json.dumps(answer))
        return answer

    return {**original, sns: publish, events: put_events}


class _NotedStates(dict[str, Any]):
    """States of a distributed map's item; each is looked up once, when the item enters it."""

    def __init__(self, states: Mapping[str, Any], execution: object) -> None:
        super().__init__(states)
        self._execution = execution

    def get(self, name: str, default: object = None) -> Any:  # noqa: ANN401 - as a dict's
        state = super().get(name, default)
        if isinstance(state, dict):
            steps: Any = importlib.import_module("ministack.services.stepfunctions")
            entered = {"stateEnteredEventDetails": {"name": name}}
            steps._add_event(self._execution, f"{state['Type']}StateEntered", entered)  # noqa: SLF001
        return state


def _with_history_of_items(original: Callable[..., Any]) -> Callable[..., Any]:
    """Ministack notes down the calls of a distributed map's item, and not the states that it enters."""

    def run(states: Mapping[str, Any], start_at: str, payload: object, execution: Any, context: object) -> object:  # noqa: ANN401
        noted = _NotedStates(states, execution) if "mapRunArn" in execution else states
        return original(noted, start_at, payload, execution, context)

    return run


def _as_query(attributes: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Message attributes as SNS takes them on the wire."""
    query: dict[str, str] = {}
    for n, (name, value) in enumerate(attributes.items(), start=1):
        entry = f"MessageAttributes.entry.{n}"
        query |= {f"{entry}.Name": name, **{f"{entry}.Value.{part}": text for part, text in value.items()}}
    return query


def _execution_error(name: str, cause: str) -> Exception:
    """What ministack raises for an error of the States Language."""
    steps: Any = importlib.import_module("ministack.services.stepfunctions")
    error: Exception = steps._ExecutionError(name, cause)  # noqa: SLF001
    return error
