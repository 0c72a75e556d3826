"""Does what its event asks for, so that a test can look at how the engine runs it."""

import importlib.util
import os
import sys
import time
from pathlib import Path
from typing import Any


class Transient(Exception):
    pass


class Throttled(Transient):
    pass


class Outer:
    class Inner(Exception):
        pass


_ERRORS = {"Transient": Transient, "Throttled": Throttled, "Inner": Outer.Inner, "KeyError": KeyError}


def handler(event: dict[str, Any], _context: object) -> Any:
    """Answer an HTTP request, or do ``event["do"]`` with ``event["with"]``."""
    if "requestContext" in event:
        return greet(event["pathParameters"]["name"])
    print("doing", event["do"])  # noqa: T201 - a test looks for it
    return globals()[event["do"]](event.get("with"))


def greet(name: str) -> dict[str, Any]:
    if name == "nobody":
        raise KeyError(name)
    return {"statusCode": 202, "body": f"{os.environ['GREETING']}, {name}"}


def echo(value: object) -> object:
    return value


def fail(name: str) -> None:
    raise _ERRORS[name]("as asked")


def find(modules: list[str]) -> list[str]:
    return [module for module in modules if importlib.util.find_spec(module)]


def environment(_: None) -> dict[str, str]:
    return dict(os.environ)


def places(_: None) -> dict[str, Any]:
    return {"path": sys.path, "here": str(Path.cwd())}


def sleep(seconds: float) -> None:
    time.sleep(seconds)


def report_and_sleep(file: str) -> None:
    Path(file).write_text(str(os.getpid()))
    time.sleep(60)


def payload(size: int) -> str:
    return "x" * size
