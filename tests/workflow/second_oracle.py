"""moto's Step Functions in front of the functions deployed to the embedded engine.

Another interpreter of the States Language, written by other people: what both agree on is hardly one engine's fancy.
Machines are taken as deployed, substitutions done; each task is a call of a real function.
"""

import json
import logging
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast
from unittest.mock import patch
from urllib.parse import urlsplit
from uuid import uuid4

import boto3
from moto.server import ThreadedMotoServer

from local.engine import Execution, LocalEngine, executions
from local.engine.environment import ACCOUNT, REGION

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

_PARSER = "moto.stepfunctions.parser.asl.component"
_ROLE = f"arn:aws:iam::{ACCOUNT}:role/any"


@dataclass(frozen=True, slots=True)
class SecondOracle:
    """Runs machines of the engine a second time."""

    engine: LocalEngine
    machines: "SFNClient"

    def client(self, _service: str) -> Any:
        return self.machines

    def run(self, machine_arn: str, payload: object) -> Execution:
        """Start an execution of the machine as deployed and wait until it is over."""
        definition = self.engine.client("stepfunctions").describe_state_machine(stateMachineArn=machine_arn)
        copy = self.machines.create_state_machine(name=uuid4().hex, definition=definition["definition"], roleArn=_ROLE)
        oracle = cast("LocalEngine", self)
        started = executions.start(oracle, copy["stateMachineArn"], payload, name=uuid4().hex)
        return executions.wait(oracle, started, timeout_seconds=60)


@contextmanager
def second_oracle(engine: LocalEngine, wait_scale: float) -> Iterator[SecondOracle]:
    """moto with its waits scaled; its tasks call the engine's functions."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", port=0)
    pace = SimpleNamespace(sleep=lambda seconds: time.sleep(seconds * wait_scale))
    with (
        patch.dict("os.environ", {"MOTO_PORT": str(urlsplit(engine.url).port)}),
        patch(f"{_PARSER}.common.retry.retrier_decl.time", pace),
        patch(f"{_PARSER}.state.wait.wait_function.wait_function.WaitFunction._wait_interval", _scaled(wait_scale)),
    ):
        server.start()
        try:
            url = "http://{}:{}".format(*server.get_host_and_port())
            _execute_machines(url)
            with closing(_client(url)) as machines:
                yield SecondOracle(engine, machines)
        finally:
            server.stop()


def _scaled(wait_scale: float) -> Any:
    def wait(_self: object, env: Any, wait_seconds: int) -> None:
        env.program_state_event.wait(wait_seconds * wait_scale)

    return wait


def _execute_machines(url: str) -> None:
    settings = json.dumps({"stepfunctions": {"execute_state_machine": True}}).encode()
    urllib.request.urlopen(f"{url}/moto-api/config", data=settings).close()  # noqa: S310 - our own


def _client(url: str) -> "SFNClient":
    return boto3.client(
        "stepfunctions",
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id=ACCOUNT,
        aws_secret_access_key="local",
    )
