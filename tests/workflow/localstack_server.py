"""LocalStack's Step Functions on one loopback port, and nothing else of LocalStack.

    .build/venv-localstack/bin/python -m tests.workflow.localstack_server ENGINE_URL WAIT_SCALE

Runs in an environment of its own (requirements/localstack.txt), without Docker. Tasks call the embedded engine at
ENGINE_URL; nested executions run here. Prints its address, and ends when its input does.
"""

import json
import logging
import os
import sys
import threading
import time
from collections.abc import Iterable
from functools import cache
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import MagicMock

# Imported there, and needed by no state of ours: AWS Batch, and JSONata's Java machine.
sys.modules |= {name: MagicMock() for name in ("moto.batch.utils", "jpype", "jpype.imports")}
os.environ["DISABLE_EVENTS"] = "1"  # or it tells its makers how it is used

import boto3
from localstack.aws.api import RequestContext
from localstack.aws.skeleton import create_skeleton
from localstack.services.stepfunctions.asl.component.common.path import result_path
from localstack.services.stepfunctions.asl.component.common.retry import retrier_decl
from localstack.services.stepfunctions.asl.component.state.state_execution.state_map.iteration import (
    distributed_iteration_component as distributed_map,
)
from localstack.services.stepfunctions.asl.component.state.state_execution.state_task.service import (
    state_task_service_callback as nested,
)
from localstack.services.stepfunctions.asl.component.state.state_wait.wait_function.wait_function import WaitFunction
from localstack.services.stepfunctions.asl.eval.event.event_manager import EventManager
from localstack.services.stepfunctions.asl.parse.asl_parser import AmazonStateLanguageParser
from localstack.services.stepfunctions.asl.utils import boto_client, json_path
from localstack.services.stepfunctions.backend import execution, execution_worker
from localstack.services.stepfunctions.backend.models import sfn_stores
from localstack.services.stepfunctions.provider import StepFunctionsProvider
from werkzeug.datastructures import Headers
from werkzeug.serving import make_server
from werkzeug.wrappers import Request

_ACCOUNT, _REGION = "123456789012", "us-east-1"


class _Application:
    """Answers Step Functions' API; `/items` by the events of all distributed maps, `/forget` by forgetting."""

    def __init__(self) -> None:
        self._machines = create_skeleton("stepfunctions", StepFunctionsProvider())
        self._map_runs: list[Any] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/forget":
            sfn_stores[_ACCOUNT][_REGION].executions.clear()
            self._map_runs.clear()
        if environ["PATH_INFO"] in {"/forget", "/items"}:
            events = [run.get_event_history() for run in self._map_runs]
            start_response("200 OK", [("Content-Type", "application/json")])
            return [json.dumps(events, default=str).encode()]
        request = Request(environ)
        request.headers = Headers(request.headers)  # LocalStack writes to them
        context = RequestContext(request)
        context.service, context.protocol = self._machines.service, "json"
        context.account_id, context.region = _ACCOUNT, _REGION
        return cast("Iterable[bytes]", self._machines.invoke(context)(environ, start_response))

    def events_of_items(self) -> Any:
        """Keep what a distributed map notes down of its items; LocalStack throws it away."""
        self._map_runs.append(EventManager())
        return self._map_runs[-1]


class _Clients:
    """Takes the place of LocalStack's clients: nested executions come back here, all else goes to the engine."""

    def __init__(self, own_url: str, engine_url: str) -> None:
        self._urls = {"stepfunctions": own_url}
        self._engine_url = engine_url
        self._session = boto3.Session("123456789012", "local", region_name=_REGION)
        self._lock = threading.Lock()
        self._kept: dict[str, Any] = {}
        # That an execution has begun or ended is told by Step Functions itself, to nobody here.
        self.events = SimpleNamespace(put_events=lambda **_: None)

    def __call__(self, **_: object) -> "_Clients":
        return self

    def with_assumed_role(self, **_: object) -> "_Clients":
        return self

    def get_client(self, service: str) -> Any:
        with self._lock:
            if service not in self._kept:
                create: Any = self._session.client
                url = self._urls.get(service, self._engine_url)
                self._kept[service] = create(service, endpoint_url=url, config=_config())
            return self._kept[service]


def _config() -> Any:
    own = boto_client.Config(proxies={}, s3={"addressing_style": "path"}, max_pool_connections=50)
    return boto_client._BOTO_CLIENT_CONFIG.merge(own)


def _scale(wait_scale: float) -> None:
    """Shorten Wait states and retry delays, and ask for the state of nested executions more often."""

    def wait(_self: object, env: Any, wait_seconds: float) -> None:
        env.program_state_event.wait(wait_seconds * wait_scale)

    WaitFunction._wait_interval = wait
    retrier_decl.time = SimpleNamespace(sleep=lambda seconds: time.sleep(seconds * wait_scale))
    nested._DELAY_SECONDS_SYNC_CONDITION_CHECK = 0.05


def _parse_once() -> None:
    """Keep what is parsed: a definition takes a third of a second, each path 25 ms, in every execution anew.

    What comes of it has no state, or the items of a map would share it.
    """
    execution_worker.AmazonStateLanguageParser = SimpleNamespace(parse=cache(AmazonStateLanguageParser.parse))
    for module in (json_path, result_path):
        module.parse = cache(module.parse)


def main(engine_url: str, wait_scale: str) -> None:
    """Serve until the input ends."""
    # Of a failing state, LocalStack tells pages; the execution's history says the same.
    logging.disable(logging.ERROR)
    _scale(float(wait_scale))
    _parse_once()
    application = _Application()
    distributed_map.EventManager = application.events_of_items
    server = make_server("127.0.0.1", 0, application, threaded=True)
    own_url = f"http://127.0.0.1:{server.server_port}"
    boto_client.connect_to = execution.connect_to = _Clients(own_url, engine_url)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(own_url, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
