"""A function's process, fetching one export after the other and telling its peak memory after each.

python -m tests.fetching < lines of {"environment": {...}, "event": {...}}
"""

import json
import os
import sys
from types import SimpleNamespace

from local.bench.telling import peak_bytes


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
