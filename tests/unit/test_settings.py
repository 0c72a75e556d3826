"""Settings come from the environment by the official names, and a fault is told without the value."""

import pytest

from workspace_exports.errors import Misconfigured
from workspace_exports.loopback import is_safe_endpoint
from workspace_exports.settings import FetchFileSettings, PollStatusSettings
from workspace_exports.vendor.credentials import AccessKey

ENVIRONMENT = {
    "HUAWEICLOUD_SDK_AK": "an-access-key",
    "HUAWEICLOUD_SDK_SK": "a-secret-key",
    "HUAWEICLOUD_SDK_PROJECT_ID": "p",
    "WORKSPACE_REGION": "ap-southeast-3",
    "WORKSPACE_ENDPOINT": "",
    "ARCHIVE_URL": "s3://bucket/prefix",
    "PATH": "/bin",
}


def test_the_regions_endpoint_is_the_default() -> None:
    settings = PollStatusSettings.read(ENVIRONMENT)
    assert settings.endpoint == "https://workspace.ap-southeast-3.myhuaweicloud.com"
    assert settings.access_key == AccessKey("an-access-key", "a-secret-key")
    assert settings.polling.deadline.total_seconds() == 3600


def test_an_endpoint_can_be_set() -> None:
    settings = PollStatusSettings.read(ENVIRONMENT | {"WORKSPACE_ENDPOINT": "https://workspace.example.eu/"})
    assert settings.endpoint == "https://workspace.example.eu"


def test_a_temporary_key_has_its_token() -> None:
    settings = FetchFileSettings.read(ENVIRONMENT | {"HUAWEICLOUD_SDK_SECURITY_TOKEN": "token"})
    assert settings.access_key.security_token == "token"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HUAWEICLOUD_SDK_SK", ""),
        ("WORKSPACE_REGION", "Singapore"),
        ("WORKSPACE_ENDPOINT", "http://example.com"),
        ("WORKSPACE_ENDPOINT", "ftp://127.0.0.1"),
        ("ARCHIVE_URL", ""),
    ],
)
def test_a_fault_names_the_variable_and_not_its_value(name: str, value: str) -> None:
    with pytest.raises(Misconfigured, match=name) as caught:
        FetchFileSettings.read(ENVIRONMENT | {name: value})
    assert "a-secret-key" not in str(caught.value)
    assert not value or value not in str(caught.value)


def test_no_secret_is_in_the_settings_repr() -> None:
    assert "a-secret-key" not in repr(FetchFileSettings.read(ENVIRONMENT))


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://workspace.example.com", True),
        ("http://127.0.0.1:8080", True),
        ("http://[::1]:8080", True),
        ("http://localhost:8080", True),
        ("http://localhost.example.com", False),
        ("http://10.0.0.1", False),
        ("https://", False),
        ("localhost", False),
    ],
)
def test_plain_http_is_for_this_machine_only(url: str, *, safe: bool) -> None:
    assert is_safe_endpoint(url) is safe
