"""Settings of pip as uv is given them; `test_setup.py` installs with them."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from local.artifact import ROOT
from local.setup.settings import uv_settings

NOT_TO_BE_HANDED_ON = None
ALWAYS = {"UV_SYSTEM_CERTS": "true", "UV_INDEX_STRATEGY": "unsafe-best-match"}
PROXY = "http://me:secret@proxy.example:3128"
BOTH = "https://a.example/simple https://b.example/simple"


@pytest.mark.parametrize(
    ("pip", "uv"),
    [
        ({}, {}),
        ({"index-url": "https://mirror.example/simple"}, {"UV_DEFAULT_INDEX": "https://mirror.example/simple"}),
        ({"index-url": "https://me:secret@x.example/s"}, {"UV_DEFAULT_INDEX": "https://me:secret@x.example/s"}),
        ({"extra-index-url": BOTH.replace(" ", "\n  ")}, {"UV_INDEX": BOTH}),
        ({"trusted-host": "a.example\nb.example:8443"}, {"UV_INSECURE_HOST": "a.example b.example:8443"}),
        ({"cert": "/company/ca.pem"}, {"SSL_CERT_FILE": "/company/ca.pem"}),
        ({"cert": "/"}, {"SSL_CERT_DIR": "/"}),
        ({"client-cert": "/me.pem"}, {"SSL_CLIENT_CERT": "/me.pem"}),
        ({"timeout": "60"}, {"UV_HTTP_TIMEOUT": "60"}),
        ({"default-timeout": "60"}, {"UV_HTTP_TIMEOUT": "60"}),
        ({"retries": "9"}, {"UV_HTTP_RETRIES": "9"}),
        (
            {"find-links": f"https://x.example/links {ROOT} /nowhere"},
            {"UV_FIND_LINKS": f"https://x.example/links,{ROOT}"},
        ),
        ({"no-index": "yes"}, {"UV_NO_INDEX": "true"}),
        ({"no-index": "0"}, {}),
        ({"no-cache-dir": "off"}, {"UV_NO_CACHE": "true"}),
        ({"only-binary": ":all:"}, {"UV_NO_BUILD": "true"}),
        ({"only-binary": "numpy"}, NOT_TO_BE_HANDED_ON),
        ({"no-binary": ":all:"}, NOT_TO_BE_HANDED_ON),
        ({"keyring-provider": "disabled"}, {}),
        ({"keyring-provider": "subprocess"}, NOT_TO_BE_HANDED_ON),
        ({"platform": "any"}, NOT_TO_BE_HANDED_ON),
        ({"a-setting-of-tomorrow": "1"}, NOT_TO_BE_HANDED_ON),
        ({"constraint": "/etc/constraints.txt", "quiet": "1", "user": "yes", "require-virtualenv": "true"}, {}),
        (None, NOT_TO_BE_HANDED_ON),
    ],
)
def test_what_is_handed_on(pip: dict[str, str] | None, uv: dict[str, str] | None) -> None:
    found = uv_settings(pip, {})
    assert found == (None if uv is None else ALWAYS | uv)


def test_a_proxy_counts_for_everything_as_with_pip() -> None:
    found = uv_settings({"proxy": PROXY}, {"https_proxy": "http://another.example"})
    assert found
    assert {found[name] for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")} == {PROXY}


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_certificates_that_pip_finds_by_a_variable_count_too(variable: str) -> None:
    told = {variable: "/company/ca.pem"}
    assert uv_settings({}, told) == ALWAYS | {"SSL_CERT_FILE": "/company/ca.pem"}
    assert uv_settings({"cert": "/mine.pem"}, told) == ALWAYS | {"SSL_CERT_FILE": "/mine.pem"}


@pytest.fixture
def handed_on(tmp_path: Path) -> Callable[..., str]:
    """A variable as uv is given it on a machine with these files and variables of pip's."""

    def read(variable: str, conf: str = "", **environment: str) -> str:
        (tmp_path / "pip.conf").write_text(conf)
        code = f"from local.setup.settings import uv_environment; print(uv_environment().get({variable!r}))"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
        return subprocess.run(  # noqa: S603 - our own
            [sys.executable, "-c", code],
            env={**inherited, "HOME": str(tmp_path), "PIP_CONFIG_FILE": str(tmp_path / "pip.conf"), **environment},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()

    return read


class TestWherePipFindsASetting:
    def test_a_section_of_its_command_goes_before_the_common_one(self, handed_on: Callable[..., str]) -> None:
        conf = "[install]\nindex-url = https://install.example\n[global]\nindex-url = https://global.example\n"
        assert handed_on("UV_DEFAULT_INDEX", conf) == "https://install.example"

    def test_a_variable_goes_before_both(self, handed_on: Callable[..., str]) -> None:
        conf = "[install]\nindex-url = https://install.example\n"
        assert handed_on("UV_DEFAULT_INDEX", conf, PIP_INDEX_URL="https://env.example") == "https://env.example"

    def test_one_of_another_command_does_not_count(self, handed_on: Callable[..., str]) -> None:
        conf = "[download]\nindex-url = https://download.example\n[global]\nretries = 7\n"
        assert handed_on("UV_DEFAULT_INDEX", conf) == "None"
        assert handed_on("UV_HTTP_RETRIES", conf) == "7"

    def test_what_makes_pip_quiet_hides_nothing(self, handed_on: Callable[..., str]) -> None:
        conf = "[global]\nretries = 7\n"
        assert handed_on("UV_HTTP_RETRIES", conf, PIP_QUIET="3") == "7"
        assert handed_on("UV_HTTP_RETRIES", conf, PIP_VERBOSE="3") == "7"

    def test_an_empty_value_is_none(self, handed_on: Callable[..., str]) -> None:
        assert handed_on("UV_DEFAULT_INDEX", "[global]\nindex-url =\n", PIP_INDEX_URL="") == "None"
