"""Hosts that DNS does not know, and other ways to get no answer: the text names the host and what to check.

Sources: field fault F12; RFC 6761 (`.invalid` has no address).
"""

from pathlib import Path

import httpx
import pytest

from local.standin.server import VendorStandIn
from tests.support.builders.requests import DAY, RECORDS
from tests.support.fixtures.handlers import Call
from workspace_exports.aws.executions import start_execution
from workspace_exports.aws.secrets import read_secret
from workspace_exports.core.errors import VendorUnavailable
from workspace_exports.network.connection_errors import no_answer

FOLDER = pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
ROLE = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}


@FOLDER
@pytest.mark.parametrize(
    ("changes", "says", "advice"),
    [
        (
            {"WORKSPACE_ENDPOINT": "https://workspace.invalid"},
            "DNS knows no address of workspace.invalid",
            "Check WORKSPACE_REGION and WORKSPACE_ENDPOINT",
        ),
        (
            {"WORKSPACE_ENDPOINT": "https://workspace.invalid:8443"},
            "DNS knows no address of workspace.invalid:8443",
            "Check WORKSPACE_REGION and WORKSPACE_ENDPOINT",
        ),
        (
            {"HUAWEICLOUD_SDK_PROJECT_ID": "", "IAM_ENDPOINT": "https://iam.invalid"},
            "DNS knows no address of iam.invalid",
            "Check WORKSPACE_REGION and IAM_ENDPOINT",
        ),
        (
            {"WORKSPACE_ENDPOINT": "https://a.example", "HTTPS_PROXY": "http://me:geheimnis@proxy.invalid:3128"},
            "DNS knows no address of the proxy in HTTPS_PROXY",
            "Check HTTPS_PROXY",
        ),
        ({"WORKSPACE_ENDPOINT": "http://127.0.0.1:9"}, r"\(ConnectError\)", "Try again later"),
    ],
)
def test_the_vendors_host_is_named(
    changes: dict[str, str], says: str, advice: str, start: Call, environment: pytest.MonkeyPatch
) -> None:
    for name, value in changes.items():
        environment.setenv(name, value)
    with pytest.raises(VendorUnavailable, match=says) as caught:
        start(kind="connection-records", day=DAY)
    assert advice in str(caught.value)
    assert "geheimnis" not in str(caught.value)


@pytest.mark.parametrize("region", ["eu-nowhere-1", "us-iso-nowhere-1"])
def test_a_service_of_awss_is_named(region: str) -> None:
    arn = f"arn:aws:secretsmanager:{region}:123456789012:secret:a-AbCdEf"
    with pytest.raises(VendorUnavailable, match=rf"DNS knows no address of secretsmanager\.{region}") as caught:
        read_secret(arn, ROLE)
    assert "AWS_ENDPOINT_URL_SECRETS_MANAGER" in str(caught.value)
    with pytest.raises(VendorUnavailable, match=rf"DNS knows no address of states\.{region}"):
        start_execution(f"arn:aws:states:{region}:123456789012:stateMachine:a", "name", {}, ROLE)


@FOLDER
@pytest.mark.parametrize(
    "endpoint",
    [
        "https://1.2.3.999",
        "https://a..b",
        f"https://{'a' * 64}.example",
        f"https://{'a.' * 127}example",
        "https://[fd07::zz]",
        "https://[1:2]",
        "https://a.example:0",
        "https://a.example:99999",
        "https://a.1",
    ],
)
def test_an_endpoint_that_no_library_can_connect_to_is_a_setting(
    endpoint: str, start: Call, environment: pytest.MonkeyPatch, vendor: VendorStandIn, tmp_path: Path
) -> None:
    environment.setenv("WORKSPACE_ENDPOINT", endpoint)
    with pytest.raises(Exception, match="WORKSPACE_ENDPOINT: ") as caught:
        start(kind="connection-records", day=DAY)
    assert type(caught.value).__name__ == "Misconfigured"
    assert endpoint not in str(caught.value)


def test_a_failure_that_knows_no_request_names_its_kind() -> None:
    error = no_answer(httpx.ReadError("cut off"), "list the tasks", "the vendor", "WORKSPACE_ENDPOINT")
    assert str(error).startswith("Could not list the tasks: no answer from the vendor (ReadError)")


@FOLDER
def test_a_proxy_that_is_not_there_is_named_and_not_its_password(environment: pytest.MonkeyPatch, start: Call) -> None:
    environment.setenv("WORKSPACE_ENDPOINT", "https://workspace.invalid")
    environment.setenv("HTTPS_PROXY", "http://me:GEHEIM@127.0.0.1:9")
    with pytest.raises(VendorUnavailable, match="no connection to the proxy in HTTPS_PROXY") as caught:
        start(**RECORDS)
    assert "Check HTTPS_PROXY." in str(caught.value)
    assert "GEHEIM" not in str(caught.value)
