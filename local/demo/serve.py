"""Leaves the deployed HTTP API to the user for a while."""

import threading
from contextlib import suppress
from datetime import timedelta
from functools import partial

from rich.console import Console

from local import api, openapi
from local.demo.display import show_line
from local.demo.stage import Stage
from local.engine.environment import ACCOUNT, REGION, SECRET_KEY
from workspace_exports.core.clock import utc_now


def serve(stage: Stage, console: Console) -> None:
    """Keeps the stage up until Ctrl-C, and says how to call the API.

    Raises:
        ValueError: the stack has none.
    """
    if not stage.stack.http_url:
        raise ValueError("the template has no HTTP API")
    # A day that the vendor still has, unlike the one in the committed document.
    describe = partial(openapi.describe, utc_now().date() - timedelta(days=2))
    with suppress(KeyboardInterrupt), api.serving(stage.stack.http_url, describe) as url:
        console.print(f"Serving the HTTP API at {url} until Ctrl-C", highlight=False, soft_wrap=True)
        show_line(console, f"read about it at {url}/docs, or call it as on AWS, with a signature:")
        show_line(
            console, f"curl --aws-sigv4 aws:amz:{REGION}:execute-api --user {ACCOUNT}:{SECRET_KEY} {url}/coverage"
        )
        threading.Event().wait()
    console.print("Stopped; nothing is left running", soft_wrap=True)
