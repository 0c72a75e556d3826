"""Another configuration for a deployed function, for a while."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from local.engine.polling import poll
from local.engine.server import LocalEngine

_TIMEOUT_SECONDS = 30.0


@contextmanager
def configured(
    engine: LocalEngine, function: str, variables: Mapping[str, str], *, timeout_seconds: int | None = None
) -> Iterator[None]:
    """Give a function further variables or another time limit, from a fresh start; and back, from a fresh start."""
    functions = engine.client("lambda")
    before = functions.get_function_configuration(FunctionName=function)
    own = before["Environment"]["Variables"]
    _configure(engine, function, own | dict(variables), timeout_seconds or before["Timeout"])
    try:
        yield
    finally:
        _configure(engine, function, own, before["Timeout"])


def _configure(engine: LocalEngine, function: str, variables: Mapping[str, str], timeout_seconds: int) -> None:
    functions = engine.client("lambda")

    def updated() -> bool | None:
        return functions.get_function_configuration(FunctionName=function)["LastUpdateStatus"] == "Successful" or None

    functions.update_function_configuration(
        FunctionName=function, Timeout=timeout_seconds, Environment={"Variables": dict(variables)}
    )
    poll(updated, timeout_seconds=_TIMEOUT_SECONDS, waiting_for=f"the new configuration of {function}")
