"""A process with an engine and a busy handler, for a test to kill: ``host.py <file for the handler's process id>``."""

import json
import sys
from pathlib import Path

from local.artifact import Artifact, build_ric
from local.engine import LocalEngine, deploy

DATA = Path(__file__).parent

with LocalEngine() as engine:
    stack = deploy(engine, DATA / "template.yaml", {"Greeting": "hello"}, Artifact(code=DATA, ric=build_ric()))
    payload = json.dumps({"do": "report_and_sleep", "with": sys.argv[1]})
    engine.client("lambda").invoke(FunctionName=stack.resources["Probe"], Payload=payload)
