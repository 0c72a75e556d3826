"""Keeps the developer's environment, credentials first, out of the engine and its handlers."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

REGION = "us-east-1"
# ministack takes a twelve-digit access key for the account.
ACCOUNT = "123456789012"
# Of signatures, ministack checks those of links, by these two.
SECRET_KEY = "local"  # noqa: S105
SESSION_TOKEN = "local"  # noqa: S105
# Before the name of a function in that function's own token.
_FUNCTION = f"{SESSION_TOKEN}."

_XRAY_DAEMON, _XRAY_PORT = "169.254.79.129", "2000"
"""Lambda sets them whether calls are traced or not; nothing listens there on this machine."""
_HARMLESS = ("HOME", "LANG", "LC_ALL", "PATH", "TMPDIR")


@contextmanager
def only_harmless(settings: Mapping[str, str]) -> Iterator[None]:
    """Show nothing but ``settings`` and harmless variables: ministack reads dozens while it is imported."""
    kept = {name: os.environ[name] for name in _HARMLESS if name in os.environ}
    with _environment({**kept, **settings}):
        yield


@contextmanager
def without_credentials(settings: Mapping[str, str]) -> Iterator[None]:
    """Hide everything AWS, files included, for the engine's life; the host program keeps its other variables."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    nowhere = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    with _environment({**kept, **nowhere, **settings}):
        yield


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    saved = dict(os.environ)
    _replace_environment(variables)
    try:
        yield
    finally:
        _replace_environment(saved)


def _replace_environment(variables: Mapping[str, str]) -> None:
    for name in os.environ.keys() - variables.keys():
        del os.environ[name]
    os.environ.update(variables)


def token_of(function_name: str) -> str:
    """Return the session token of a function's role: every call that is signed with it tells whose it is."""
    return _FUNCTION + function_name


def function_of(token: str) -> str | None:
    """Return the name of the function that has the token; None if it is no function's."""
    return token.removeprefix(_FUNCTION) if token.startswith(_FUNCTION) else None


def of_handler(config: Mapping[str, Any], runtime_api: str, endpoint_url: str) -> dict[str, str]:
    """What Lambda sets for a handler, the function's own variables, and the way back to this engine.

    ``LAMBDA_TASK_ROOT`` is added by the worker, which knows where the code is. ``LD_LIBRARY_PATH`` is left out: it
    would put this machine's libraries before those that its Python was built with.
    """
    own: Mapping[str, str] = (config.get("Environment") or {}).get("Variables") or {}
    name = config["FunctionName"]
    return {
        "AWS_ACCESS_KEY": ACCOUNT,
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_python{sys.version_info.major}.{sys.version_info.minor}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config.get("MemorySize", 128)),
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_VERSION": config.get("Version", "$LATEST"),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_STREAM_NAME": "local",
        "AWS_LAMBDA_RUNTIME_API": runtime_api,
        "AWS_REGION": REGION,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_SESSION_TOKEN": token_of(name),
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        "AWS_XRAY_DAEMON_ADDRESS": f"{_XRAY_DAEMON}:{_XRAY_PORT}",
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        "LANG": "en_US.UTF-8",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "PYTHONPATH": "/var/runtime",
        "TZ": ":UTC",
        "_AWS_XRAY_DAEMON_ADDRESS": _XRAY_DAEMON,
        "_AWS_XRAY_DAEMON_PORT": _XRAY_PORT,
        "_HANDLER": config["Handler"],
        **_logging(config.get("LoggingConfig") or {}, name),
        **own,
        "AWS_ENDPOINT_URL": endpoint_url,
    }


def _logging(config: Mapping[str, str], name: str) -> dict[str, str]:
    """Return the variables by which Lambda tells a function about its log; the level is for JSON alone."""
    log_format = config.get("LogFormat", "Text")
    level = {"AWS_LAMBDA_LOG_LEVEL": config.get("ApplicationLogLevel", "INFO")} if log_format == "JSON" else {}
    return {
        "AWS_LAMBDA_LOG_FORMAT": log_format,
        "AWS_LAMBDA_LOG_GROUP_NAME": config.get("LogGroup", f"/aws/lambda/{name}"),
        **level,
    }
