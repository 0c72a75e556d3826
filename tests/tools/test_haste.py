"""Time that flies is one time for everybody who has a clock."""

import subprocess
import sys
import time
from datetime import datetime, timedelta

from local.artifact import ROOT
from local.engine import functions
from local.engine.functions import Output
from local.haste import Haste
from workspace_exports.core.clock import utc_now

A_YEAR = timedelta(days=365)
HASTE = Haste(speed=1e6, since=time.time() - 3600)
"""An hour of it is more than a century."""

WORKER = """
import runpy, sys
worker = runpy.run_path(sys.argv[1])
worker["_hasten"](*map(float, sys.argv[2].split()))
import time
from workspace_exports.core.clock import utc_now
before = time.monotonic()
time.sleep(100_000)
assert time.monotonic() - before >= 100_000
print(utc_now().isoformat())
"""


def test_the_clock_runs_ahead_of_the_real_one() -> None:
    first, second = HASTE(), HASTE()
    assert first - utc_now() > A_YEAR
    assert second >= first


def test_a_handler_lives_by_the_same_clock_and_sleeps_by_it() -> None:
    scrubbed = functions.replacements(Output(), "http://engine", ROOT, HASTE)[
        "services.lambda_svc:_provided_worker_env"
    ]
    told = scrubbed(None)({"FunctionName": "f", "Handler": "h"}, "", 1)["LOCAL_HASTE"]
    worker = str(ROOT / "local" / "engine" / "worker.py")
    before = HASTE()
    run = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-c", WORKER, worker, told],
        cwd=ROOT,
        env={"PYTHONPATH": "shared"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert before < datetime.fromisoformat(run.stdout.strip()) < HASTE()


def test_without_haste_a_handler_hears_of_none() -> None:
    scrubbed = functions.replacements(Output(), "http://engine", ROOT)["services.lambda_svc:_provided_worker_env"]
    assert "LOCAL_HASTE" not in scrubbed(None)({"FunctionName": "f", "Handler": "h"}, "", 1)
