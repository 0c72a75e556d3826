"""`make doctor`: looks at this machine's set-up and says what to mend; it orders nothing, and keeps nothing."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from local.doctor.display import show
from local.doctor.examination import CHECKS, examine
from local.doctor.situation import Situation
from local.terminal import open_console
from workspace_exports.client.connections import close_connections
from workspace_exports.client.credentials.profile import with_profile
from workspace_exports.exports import EXPORTS

_EPILOG = (
    f"Checks {', '.join(check.name for check in CHECKS)}. Exits with 0 if none failed, 1 if one did, 2 if misused."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Shows every finding; 0 only if nothing failed."""
    options = _options(arguments)
    environment = with_profile(os.environ, Path.home())
    situation = Situation(
        environment=environment,
        exports=[EXPORTS[kind] for kind in dict.fromkeys(options.kind or EXPORTS)],
        archive_url=options.archive or environment.get("ARCHIVE_URL", ""),
    )
    try:
        return 1 if show(open_console(), examine(situation)) else 0
    finally:
        close_connections()


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.doctor", description=__doc__, epilog=_EPILOG)
    parser.add_argument(
        "--kind", action="append", choices=EXPORTS, metavar="K", help="a kind you want; repeatable (default all)"
    )
    parser.add_argument("--archive", metavar="URL", help="s3://bucket/prefix or file:///path (default ARCHIVE_URL)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("Interrupted; start again with: make doctor")
