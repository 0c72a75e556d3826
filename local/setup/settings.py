"""Translates settings of pip into variables for uv, which reads none of pip's files and variables.

Like all of `local/setup`, this runs before anything is installed and imports the standard library only.
"""

import ast
import os
import re
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from local.setup.pip import pip_command

_SETTING = re.compile(r"(global|install|:env:)\.([\w-]+)=(['\"].*['\"])")
_SCOPES = ("global", "install", ":env:")
"""The places in which `pip install` finds a setting, the strongest last."""

_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""Variables with certificates that pip honours and uv does not."""

Translated = dict[str, str] | None


def uv_environment() -> dict[str, str] | None:
    """Variables with which uv installs from where this Python's pip would; None where it cannot."""
    settings = uv_settings(_pip_settings(), os.environ)
    return None if settings is None else {**os.environ, **settings}


def uv_settings(pip: Mapping[str, str] | None, environment: Mapping[str, str]) -> dict[str, str] | None:
    """Translate what pip is set to use into variables for uv.

    Args:
        pip: Settings by pip's long names; None where pip could not tell them.
        environment: The variables that pip reads beside its own.

    Returns:
        None where uv cannot do the same, so that pip has to install.
    """
    if pip is None:
        return None
    # Like pip, uv trusts what the machine trusts, and takes any index for as good as another: the hashes decide.
    found = {"UV_SYSTEM_CERTS": "true", "UV_INDEX_STRATEGY": "unsafe-best-match"}
    bundles = [environment[name] for name in _BUNDLES if environment.get(name)]
    for name, value in ({"cert": bundles[0], **pip} if bundles else pip).items():
        translated = _TRANSLATIONS[name](value) if name in _TRANSLATIONS else None
        if translated is None:
            return None
        found.update(translated)
    return found


def _same(variable: str) -> Callable[[str], Translated]:
    return lambda value: {variable: " ".join(value.split())}


def _certificates(value: str) -> Translated:
    return {"SSL_CERT_DIR" if Path(value).is_dir() else "SSL_CERT_FILE": value}


def _proxy(value: str) -> Translated:
    return dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"), value)


def _find_links(value: str) -> Translated:
    """Leave out folders that are not there: pip passes over them, and uv would fail."""
    return {"UV_FIND_LINKS": ",".join(one for one in value.split() if "://" in one or Path(one).exists())}


def _only(value: str, translated: Translated) -> Callable[[str], Translated]:
    return lambda told: translated if told == value else None


_TRANSLATIONS: Mapping[str, Callable[[str], Translated]] = {
    "index-url": _same("UV_DEFAULT_INDEX"),
    "extra-index-url": _same("UV_INDEX"),
    "find-links": _find_links,
    "no-index": lambda value: {"UV_NO_INDEX": "true"} if value.lower() in {"1", "true", "t", "yes", "y", "on"} else {},
    "trusted-host": _same("UV_INSECURE_HOST"),
    "cert": _certificates,
    "client-cert": _same("SSL_CLIENT_CERT"),
    "proxy": _proxy,
    "timeout": _same("UV_HTTP_TIMEOUT"),
    "default-timeout": _same("UV_HTTP_TIMEOUT"),
    "retries": _same("UV_HTTP_RETRIES"),
    "no-cache-dir": lambda _: {"UV_NO_CACHE": "true"},
    "only-binary": _only(":all:", {"UV_NO_BUILD": "true"}),
    "keyring-provider": _only("disabled", {}),
    # These change neither what a complete lock installs nor where it comes from.
    **dict.fromkeys(
        (
            "cache-dir",
            "config-file",
            "constraint",
            "disable-pip-version-check",
            "exists-action",
            "log",
            "no-color",
            "no-compile",
            "no-deps",
            "no-input",
            "no-python-version-warning",
            "no-warn-script-location",
            "pre",
            "prefer-binary",
            "progress-bar",
            "quiet",
            "require-hashes",
            "require-virtualenv",
            "root-user-action",
            "upgrade",
            "upgrade-strategy",
            "user",
            "use-deprecated",
            "use-feature",
            "verbose",
        ),
        lambda _: {},
    ),
}
"""Settings of pip as variables of uv; what is not here, or comes to None, uv cannot do."""


def _pip_settings() -> dict[str, str] | None:
    """Settings of `pip install` by name, from its files and its variables; None where pip cannot tell them."""
    told = {name: value for name, value in os.environ.items() if name not in {"PIP_QUIET", "PIP_VERBOSE"}}
    command = [*pip_command(), "config", "list"]
    listed = subprocess.run(command, env=told, capture_output=True, text=True, check=False)
    if listed.returncode:
        return None
    lines = [found.groups() for line in listed.stdout.splitlines() if (found := _SETTING.fullmatch(line))]
    lines.sort(key=lambda line: _SCOPES.index(line[0]))
    settings = {name.replace("_", "-"): str(ast.literal_eval(value)).strip() for _, name, value in lines}
    return {name: value for name, value in settings.items() if value}
