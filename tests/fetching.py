"""A function's process, fetching one export after the other and telling its peak memory after each.

python -m tests.fetching < lines of {"environment": {...}, "event": {...}}
"""

import json
import os
import re
import sys
from pathlib import Path
from types import SimpleNamespace


def peak_bytes() -> int:
    """The most memory this process ever had, not counting what started it."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    assert found
    return int(found[1]) * 1024


def main() -> None:
    from functions.fetch_file.app import handler  # noqa: PLC0415 - imported for the first event, as on Lambda

    context = SimpleNamespace(
        function_name="f", aws_request_id="fetching", get_remaining_time_in_millis=lambda: 900_000
    )
    for line in sys.stdin:
        task = json.loads(line)
        os.environ.update(task["environment"])
        archived = handler(task["event"], context)["archived"]  # type: ignore[arg-type]
        sys.stderr.write(json.dumps({"archived": archived, "peak_bytes": peak_bytes()}) + "\n")


if __name__ == "__main__":
    main()
