"""Starts executions and waits for their end."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.engine.polling import poll
from local.engine.server import LocalEngine


@dataclass(frozen=True, slots=True)
class Execution:
    """How an execution ended; ``output`` is parsed, and there only if it succeeded."""

    arn: str
    status: str
    output: Any
    error: str | None
    cause: str | None
    events: list[Mapping[str, Any]]


def start(engine: LocalEngine, state_machine_arn: str, payload: object, name: str | None = None) -> str:
    """Start an execution and give its ARN."""
    named = {"name": name} if name else {}
    machines = engine.client("stepfunctions")
    started = machines.start_execution(stateMachineArn=state_machine_arn, input=json.dumps(payload), **named)
    return started["executionArn"]


def wait(engine: LocalEngine, execution_arn: str, timeout_seconds: float = 30.0) -> Execution:
    """Wait until the execution is over, however it ends.

    Raises:
        TimeoutError: It still runs.
    """

    def ended() -> Mapping[str, Any] | None:
        described = engine.client("stepfunctions").describe_execution(executionArn=execution_arn)
        return None if described["status"] == "RUNNING" else described

    described = poll(ended, timeout_seconds=timeout_seconds, waiting_for=f"the end of {execution_arn}")
    succeeded = described["status"] == "SUCCEEDED"
    return Execution(
        arn=execution_arn,
        status=described["status"],
        output=json.loads(described["output"]) if succeeded else None,
        error=described.get("error"),
        cause=described.get("cause"),
        events=_history(engine, execution_arn),
    )


def run(engine: LocalEngine, state_machine_arn: str, payload: object, timeout_seconds: float = 30.0) -> Execution:
    """Start an execution and wait until it is over."""
    return wait(engine, start(engine, state_machine_arn, payload), timeout_seconds)


def _history(engine: LocalEngine, execution_arn: str) -> list[Mapping[str, Any]]:
    pages = engine.client("stepfunctions").get_paginator("get_execution_history")
    return [event for page in pages.paginate(executionArn=execution_arn) for event in page["events"]]
