"""Vendor, archive and functions under random schedules of calls, faults, clock jumps and crashes, against a model."""

import uuid
from functools import partial

from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.machine import VendorAndArchive

DEFAULT = settings(
    derandomize=True, database=None, max_examples=12, stateful_step_count=40, deadline=None,
    suppress_health_check=list(HealthCheck), print_blob=False,
)


def test_x() -> None:
    run_state_machine_as_test(lambda: VendorAndArchive(f"memory:///{uuid.uuid4()}"), settings=DEFAULT)
    print(VendorAndArchive.steps, VendorAndArchive.calls)
