"""Processes that have imported the product and done nothing with it yet, as containers are before their first event."""

from multiprocessing import get_context

READY = get_context("forkserver")
"""Each is forked from one that imported all this once; only how it has learnt of it differs from an interpreter's."""

READY.set_forkserver_preload(
    ["functions.start_export.app", "functions.fetch_file.app", "tests.crashing", "tests.racing"]
)
