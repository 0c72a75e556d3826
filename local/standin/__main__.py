"""Run the vendor stand-in on its own: ``python -m local.standin``."""

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from types import FrameType
from typing import get_args

from local.standin.accounts import DEMO_ACCESS_KEY, DEMO_PROJECT_ID, DEMO_REGION, DEMO_SECRET_KEY
from local.standin.downloads import Validators
from local.standin.server import VendorStandIn


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    described = argparse.ArgumentParser(
        prog="python -m local.standin",
        description="Serve the vendor's export API on this machine, with an invented account. Stop with Ctrl-C.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    described.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes any free one")
    described.add_argument("--task-seconds", type=float, default=1.5, help="how long a task takes")
    described.add_argument("--rows", type=int, default=24, help="rows in each report")
    described.add_argument("--padding-bytes", type=int, default=0, help="bytes added to each report")
    described.add_argument("--no-ranges", action="store_true", help="ignore Range in downloads")
    described.add_argument(
        "--validators", choices=get_args(Validators), default="strong-etag", help="by what a download tells its version"
    )
    return described


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to stop."""
    options = parser().parse_args(arguments)
    stopped = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopped.set()

    for wanted in (signal.SIGINT, signal.SIGTERM):
        signal.signal(wanted, stop)
    vendor = VendorStandIn(
        port=options.port,
        task_seconds=options.task_seconds,
        report_rows=options.rows,
        report_padding_bytes=options.padding_bytes,
        ranges=not options.no_ranges,
        validators=options.validators,
    )
    with vendor:
        for name, value in {
            "WORKSPACE_ENDPOINT": vendor.url,
            "IAM_ENDPOINT": vendor.url,
            "WORKSPACE_REGION": DEMO_REGION,
            "HUAWEICLOUD_SDK_PROJECT_ID": DEMO_PROJECT_ID,
            "HUAWEICLOUD_SDK_AK": DEMO_ACCESS_KEY,
            "HUAWEICLOUD_SDK_SK": DEMO_SECRET_KEY,
        }.items():
            print(f"export {name}={value}", flush=True)
        stopped.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
