"""The context that Lambda gives a handler with each event, as every test fakes it.

Processes that see nothing of the tests run this file by its path. It therefore imports the standard library alone.
"""

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_lambda_powertools.utilities.typing import LambdaContext


def lambda_context(
    seconds: float = 30, *, request_id: str = "request-1", clock: "Callable[[], float] | None" = None
) -> "LambdaContext":
    """Return the context of one invocation.

    Args:
        seconds: what is left of the function's time, and stays so unless there is a clock.
        request_id: of the invocation.
        clock: gives the seconds that are left now.
    """
    left = clock or (lambda: seconds)
    return cast(
        "LambdaContext",
        SimpleNamespace(
            function_name="f",
            aws_request_id=request_id,
            get_remaining_time_in_millis=lambda: round(left() * 1000),
        ),
    )


CONTEXT = lambda_context()
"""The context of a call with half a minute left, for tests that look at nothing in it."""
