"""Processes that have imported the product and done nothing yet, as containers before their first event."""

from multiprocessing import get_context
from pathlib import Path

FUNCTIONS = Path(__file__).parents[3] / "functions"
READY = get_context("forkserver")
"""Each is forked from one that imported all this once; only how it has learnt of it differs from an interpreter's."""

READY.set_forkserver_preload(
    [
        *(f"functions.{app.parent.name}.app" for app in FUNCTIONS.glob("*/app.py")),
        "tests.support.processes.dying_function",
        "tests.support.processes.racing_fetch",
    ]
)
