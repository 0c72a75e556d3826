"""A function's process that plans once for many projects and reports the requests, time and memory.

python -m tests.support.processes.plan_memory PROJECTS [EVERY KIND'S ARCHIVED DAYS]
"""

import json
import os
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from obstore.store import MemoryStore

from local.bench.telling import peak_bytes
from tests.support.lambda_context import lambda_context

ARCHIVE_URL = "memory:///planning"
SETTINGS = {"WORKSPACE_REGION": "ap-southeast-3", "ARCHIVE_URL": ARCHIVE_URL, "ARCHIVE_TARGETS": "true"}


class Listed(MemoryStore):
    """Counts the listings."""

    listings = 0

    def list(self, *args: Any, **options: Any) -> Any:
        """One more."""
        self.listings += 1
        return super().list(*args, **options)


def archive(projects: Sequence[str], days: int) -> Listed:
    """With so many of the newest settled days of every kind and project, and the list of projects."""
    from workspace_exports.archive.layout import manifests_prefix  # noqa: PLC0415
    from workspace_exports.core.clock import utc_now  # noqa: PLC0415
    from workspace_exports.coverage.days import days_to_cover  # noqa: PLC0415
    from workspace_exports.exports import EXPORTS  # noqa: PLC0415
    from workspace_exports.storage import store  # noqa: PLC0415 - as on Lambda

    objects = store._MEMORIES[ARCHIVE_URL] = Listed()
    objects.put("targets.json", json.dumps({"targets": [{"project_id": one} for one in projects]}).encode())
    for kind, export in EXPORTS.items():
        if days and export.window.has_days:
            newest = days_to_cover(None, None, export.window, utc_now())[1]
            for prefix in (manifests_prefix(kind, one) for one in projects):
                for day in (newest - timedelta(days=n) for n in range(days)):
                    objects.put(f"{prefix}day={day}.json", b"")
    return objects


def main() -> None:
    os.environ.update(SETTINGS)
    from functions.plan_archive.app import handler  # noqa: PLC0415 - imported for the first event, as on Lambda

    number, days = map(int, sys.argv[1:])
    objects = archive([f"{n:032x}" for n in range(number)], days)
    began = time.process_time()
    run = handler({}, lambda_context(60))
    took = time.process_time() - began
    planned = run["planned"] + run["postponed"]
    told = {"planned": planned, "listings": objects.listings, "cpu_seconds": took, "peak_bytes": peak_bytes()}
    sys.stderr.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
