"""Configuration file: the settings by the names that they have in the environment, which has precedence."""

import os
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from workspace_exports.commands.command_settings import CommandSettings
from workspace_exports.core.errors import Misconfigured
from workspace_exports.core.nearest import did_you_mean
from workspace_exports.core.redaction import quoted

FILE_NAME = "workspace-exports.toml"
VARIABLE = "WORKSPACE_EXPORTS_CONFIG"

SECRETS = frozenset({"HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK", "HUAWEICLOUD_SDK_SECURITY_TOKEN"})
"""Settings that belong into the environment, a profile file or a secret, never into this file."""
_SURROUNDINGS = ("AWS_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "SSL_CERT_FILE", "HTTPS_PROXY", "NO_PROXY")
"""Variables of libraries that the file may hold too."""


def known_names() -> tuple[str, ...]:
    """Return the names that the file may hold."""
    ours = (str(field.alias) for field in CommandSettings.model_fields.values())
    return (*(name for name in ours if name not in SECRETS and not name.startswith("AWS_LAMBDA_")), *_SURROUNDINGS)


def find_file(environment: Mapping[str, str], named: Path | None) -> Path | None:
    """Return the file that is named, else that of the environment, else the one in this folder; None if there is none.

    Raises:
        Misconfigured: a file is named and not there.
    """
    given = named or (Path(environment[VARIABLE]) if environment.get(VARIABLE) else None)
    if given and not given.is_file():
        raise Misconfigured(f"There is no file {given}", advice=f"Check --config and {VARIABLE}.")
    here = Path(FILE_NAME)
    return given or (here if here.is_file() else None)


def read_file(file: Path) -> dict[str, str]:
    """Return the settings in the file.

    Raises:
        Misconfigured: it is not TOML, or has an unknown name, a secret, or a value of another type.
    """
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{file} is not TOML: {error}", advice=_MEND) from None
    problems = [problem for name, value in document.items() if (problem := _problem(name, value))]
    if problems:
        raise Misconfigured(f"{file}: {'; '.join(problems)}", advice=_MEND)
    return {name: _text(value) for name, value in document.items()}


@contextmanager
def applied(settings: Mapping[str, str]) -> Iterator[None]:
    """Set those variables that the environment lacks, also for the libraries that read it themselves."""
    added = {name: value for name, value in settings.items() if not os.environ.get(name)}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)


_MEND = 'Write lines such as WORKSPACE_REGION = "ap-southeast-3"; docs/settings.md lists the names.'


def _problem(name: str, value: object) -> str | None:
    known = known_names()
    if name in SECRETS:
        return f"{name} is a secret: keep it in the environment, a profile file or an AWS secret"
    if name not in known:
        return f"{quoted(name)} is not a setting{did_you_mean(name, known)}"
    values: list[Any] = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str | int) for one in values):
        return f"{name} must be a text, a whole number, true, false or a list of texts"
    return None


def _text(value: object) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
