"""The longest history of an export on AWS, from the state machine's own numbers."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from workspace_exports.lifecycle.polling_policy import PollingPolicy

EVENTS_OF_A_CALL = 3
"""A function is scheduled, is started, and succeeds, fails or is cut off."""
EVENTS_OF_A_STATE = 2
"""It is entered and left."""
ORDERS = 2
"""One, and one more."""

LOOP = ("Wait for the vendor", "Look at the task", "Is the vendor still making the file?")
REST_OF_A_ROUND = (
    "Order the export",
    "Fetch the file into the archive",
    "Has it been ordered again already?",
    "Order it again, this once",
)
LAST_PAUSE = "Has it been throttled too often?"
PAUSE = (
    "Throttled when ordering",
    "Throttled when looking",
    "Throttled when fetching",
    "Read what the function said",
    "Split it",
    "Read how long to wait",
    LAST_PAUSE,
    "Wait as long as the vendor asks",
    "Which step was throttled?",
)
END = ("Record why it failed", "The export failed")


def most_looks(deadline_seconds: int, shortest_wait_seconds: int) -> int:
    """How often a task that never finishes is looked at, if looking takes no time at all."""
    policy = PollingPolicy(timedelta(seconds=deadline_seconds), timedelta(seconds=shortest_wait_seconds))
    elapsed, looks = timedelta(seconds=policy.wait_seconds()), 1
    while not policy.is_over(elapsed):
        elapsed += timedelta(seconds=policy.wait_seconds(elapsed))
        looks += 1
    return looks


def most_events(states: Mapping[str, Any], looks: int) -> int:
    """Of an execution that orders twice, looks so often at each task, and is spared no retry."""
    look = sum(_most_events_of(states[name]) for name in LOOP)
    round_ = sum(_most_events_of(states[name]) for name in REST_OF_A_ROUND)
    (bound,) = states[LAST_PAUSE]["Choices"]
    pause = sum(_most_events_of(states[name]) for name in PAUSE) + max(_most_events_of(states[name]) for name in LOOP)
    start_and_end = 2
    return (
        start_and_end
        + ORDERS * (looks * look + round_)
        + int(bound["NumericGreaterThan"]) * pause
        + sum(_most_events_of(states[name]) for name in END)
    )


def most_attempts(state: Mapping[str, Any]) -> int:
    """The first, and every retry of every kind."""
    retries: list[int] = [retry["MaxAttempts"] for retry in state["Retry"]]
    return 1 + sum(retries)


def _most_events_of(state: Mapping[str, Any]) -> int:
    calls = most_attempts(state) if state["Type"] == "Task" else 0
    return EVENTS_OF_A_STATE + EVENTS_OF_A_CALL * calls
