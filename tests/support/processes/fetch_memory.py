"""A function's process that fetches one export after the other and reports its peak memory after each.

python -m tests.support.processes.fetch_memory < lines of {"environment": {...}, "event": {...}}
"""

import json
import os
import sys

from local.bench.telling import peak_bytes
from tests.support.lambda_context import lambda_context


def main() -> None:
    from functions.fetch_file.app import handler  # noqa: PLC0415 - imported for the first event, as on Lambda

    for line in sys.stdin:
        task = json.loads(line)
        os.environ.update(task["environment"])
        archived = handler(task["event"], lambda_context(900))["archived"]
        sys.stderr.write(json.dumps({"archived": archived, "peak_bytes": peak_bytes()}) + "\n")


if __name__ == "__main__":
    main()
