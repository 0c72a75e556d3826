"""A function's process: python -m local.bench.growth.invoking FUNCTION... < events, one JSON object per line.

Every event goes through the functions in order, each one's answer being the next one's event, until a task is done. The
first event is for warming up alone, whatever comes of it. Tells the processor time of the others.
"""

import json
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from local.bench.growth.promise import in_order
from local.bench.telling import tell

_CONTEXT = SimpleNamespace(function_name="bench", aws_request_id="bench", get_remaining_time_in_millis=lambda: 900_000)
_MOST_LOOKS = 100
_OK = 200

Event = dict[str, Any]
Handler = Callable[[Event, Any], Event]


def main(functions: Sequence[str], lines: Iterable[str]) -> None:
    """Call them, and tell.

    Raises:
        RuntimeError: an answer over HTTP was no success, or a task is never done.
    """
    handlers: list[Handler] = [import_module(f"functions.{name}.app").handler for name in functions]
    first, *events = map(json.loads, lines)
    with in_order():
        with suppress(Exception):
            _chained(handlers, first)
        began = time.process_time()
        for event in events:
            _chained(handlers, event)
    tell(seconds=time.process_time() - began)


def _chained(handlers: Sequence[Handler], event: Event) -> None:
    for handler in handlers:
        event = _finished(handler, event)


def _finished(handler: Handler, event: Event) -> Event:
    for _ in range(_MOST_LOOKS):
        event = handler(event, _CONTEXT)
        if event.get("statusCode", _OK) != _OK:
            raise RuntimeError(f"answered with {event['statusCode']}: {event['body']}")
        if event.get("status") != "CREATING":
            return event
    raise RuntimeError("the task is never done")


if __name__ == "__main__":
    main(sys.argv[1:], sys.stdin)
