"""Reading the secret: from moto, and from a server that answers what AWS answers when it will not."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.support.builders.aws_secrets import ARN, HANDED_OUT, ROLE
from tests.support.servers.scripted_http import ScriptedServer
from workspace_exports.aws.role import role_key
from workspace_exports.aws.secrets import read_secret
from workspace_exports.aws.sigv4 import AwsKey
from workspace_exports.core.errors import ExportError, Misconfigured, Throttled, VendorUnavailable


@pytest.fixture
def aws() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


def closed_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_reads_the_secret_from_secrets_manager(s3_endpoint: str, request: pytest.FixtureRequest) -> None:
    client = boto3.client(
        "secretsmanager",
        endpoint_url=s3_endpoint,
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    arn = client.create_secret(Name=request.node.name, SecretString="the text")["ARN"]
    client.close()
    assert read_secret(arn, ROLE | {"AWS_ENDPOINT_URL": s3_endpoint}) == "the text"


def test_asks_for_exactly_that_secret_in_its_own_region_and_signs_all_it_says(aws: ScriptedServer) -> None:
    aws.answer(200, {"SecretString": "text"})
    endpoints = {"AWS_ENDPOINT_URL_SECRETS_MANAGER": aws.url, "AWS_ENDPOINT_URL": "https://elsewhere.example"}
    assert read_secret(ARN, ROLE | endpoints) == "text"
    ((method, path, headers, body),) = aws.requests
    assert (method, path, body) == ("POST", "/", f'{{"SecretId":"{ARN}"}}'.encode())
    assert headers["x-amz-target"] == "secretsmanager.GetSecretValue"
    assert headers["x-amz-security-token"] == "role-token"
    assert "/eu-central-1/secretsmanager/aws4_request" in headers["authorization"]
    assert "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target," in headers["authorization"]


@pytest.mark.parametrize(
    ("partition", "host"),
    [
        ("aws", "secretsmanager.eu-central-1.amazonaws.com"),
        ("aws-us-gov", "secretsmanager.eu-central-1.amazonaws.com"),
        ("aws-cn", "secretsmanager.eu-central-1.amazonaws.com.cn"),
    ],
)
def test_the_regions_own_endpoint_is_the_default(partition: str, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, closed_port())
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with pytest.raises(VendorUnavailable, match=r"no answer from AWS Secrets Manager \(ConnectError") as caught:
        read_secret(ARN.replace("arn:aws:", f"arn:{partition}:"), ROLE)
    request: Any = caught.value.__cause__
    assert request.request.url.host == host


@pytest.mark.parametrize(
    ("status", "document", "headers", "error", "says"),
    [
        (
            400,
            {"__type": "AccessDeniedException"},
            {},
            Misconfigured,
            r"AccessDeniedException\.\sAllow the function's role",
        ),
        (400, {"__type": "ResourceNotFoundException"}, {}, Misconfigured, "Create the secret, or set WORKSPACE_CRED"),
        (400, {"__type": "com.amazonaws#DecryptionFailure"}, {}, Misconfigured, r"DecryptionFailure\.\s.*kms:Decrypt"),
        (400, {}, {"x-amzn-ErrorType": "InvalidRequestException:http://x"}, Misconfigured, "InvalidRequestException"),
        (403, b"<html>", {}, Misconfigured, "HTTP 403"),
        (301, b"", {"Location": "https://elsewhere.example"}, Misconfigured, "HTTP 301"),
        (400, ["a list"], {}, Misconfigured, "HTTP 400"),
        (400, {"__type": "no code\n"}, {}, Misconfigured, "HTTP 400"),
        (400, {"__type": "ThrottlingException"}, {}, Throttled, r"ThrottlingException\.\sTry again later"),
        (429, b"", {}, Throttled, "HTTP 429"),
        (400, {"__type": "ExpiredTokenException"}, {}, VendorUnavailable, "ExpiredTokenException"),
        (500, {"__type": "InternalServiceError"}, {}, VendorUnavailable, "InternalServiceError"),
        (503, b"", {}, VendorUnavailable, "HTTP 503"),
        (200, {"SecretBinary": "AAAA"}, {}, Misconfigured, "holds no text"),
    ],
)
def test_a_refusal_is_told_with_awss_code_and_what_to_do(
    status: int,
    document: object,
    headers: dict[str, str],
    error: type[ExportError],
    says: str,
    aws: ScriptedServer,
) -> None:
    aws.answer(status, document, headers)
    with pytest.raises(ExportError, match=says) as caught:
        read_secret(ARN, ROLE | {"AWS_ENDPOINT_URL": aws.url})
    assert type(caught.value) is error
    assert ARN in str(caught.value)
    assert len(aws.requests) == 1


@pytest.mark.parametrize("arn", ["workspace", "arn:aws:s3:::bucket", ARN.replace("aws:", "aws-moon:", 1)])
def test_anything_but_the_arn_of_a_secret_is_refused(arn: str) -> None:
    with pytest.raises(Misconfigured, match="WORKSPACE_CREDENTIALS_SECRET_ARN: must be the ARN"):
        read_secret(arn, ROLE)


def test_the_secret_is_never_asked_for_in_the_clear() -> None:
    with pytest.raises(Misconfigured, match="AWS_ENDPOINT_URL: must be an https URL"):
        read_secret(ARN, ROLE | {"AWS_ENDPOINT_URL": "http://example.com"})


class TestTheRolesKey:
    """With SnapStart it is not in the environment."""

    def test_is_in_the_environment(self) -> None:
        assert role_key(ROLE) == AwsKey("role-key", "role-secret", "role-token")
        assert role_key(ROLE | {"AWS_SESSION_TOKEN": ""}).session_token is None

    def test_or_is_handed_out_for_the_token(self, aws: ScriptedServer) -> None:
        aws.answer(200, HANDED_OUT)
        uri = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{aws.url}/role", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "token"}
        assert role_key(uri) == AwsKey("handed-out", "role-secret", "role-token")
        ((_, path, headers, _),) = aws.requests
        assert (path, headers["authorization"]) == ("/role", "token")

    @pytest.mark.parametrize(
        ("text", "moment"),
        [
            ("2026-11-22T06:00:00Z", datetime(2026, 11, 22, 6, tzinfo=UTC)),
            ("2026-11-22T06:00:00", datetime(2026, 11, 22, 6, tzinfo=UTC)),
            ("2026-11-22T07:00:00+01:00", datetime(2026, 11, 22, 6, tzinfo=UTC)),
            (None, None),
        ],
    )
    def test_ends_when_aws_says(self, text: str | None, moment: datetime | None, aws: ScriptedServer) -> None:
        aws.answer(200, HANDED_OUT | {"Expiration": text})
        assert role_key({"AWS_CONTAINER_CREDENTIALS_FULL_URI": aws.url}).expires_at == moment

    def test_the_token_may_be_in_a_file_which_wins(self, aws: ScriptedServer, tmp_path: Path) -> None:
        aws.answer(200, HANDED_OUT)
        (tmp_path / "token").write_text("from-file\n")
        environment = {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": aws.url,
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": "token",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(tmp_path / "token"),
        }
        role_key(environment)
        assert aws.requests[0][2]["authorization"] == "from-file"

    def test_there_may_be_no_token(self, aws: ScriptedServer) -> None:
        aws.answer(200, HANDED_OUT)
        role_key({"AWS_CONTAINER_CREDENTIALS_FULL_URI": aws.url})
        assert "authorization" not in aws.requests[0][2]

    @pytest.mark.parametrize(
        ("status", "document"),
        [
            (500, b""),
            (302, b""),
            (200, b"<html>"),
            (200, {"AccessKeyId": "a"}),
            (200, []),
            (200, HANDED_OUT | {"Expiration": "soon"}),
            (200, HANDED_OUT | {"Expiration": 1800}),
        ],
    )
    def test_what_is_no_key_is_an_outage(self, status: int, document: object, aws: ScriptedServer) -> None:
        aws.answer(status, document, {"Location": "/elsewhere"})
        with pytest.raises(VendorUnavailable, match="AWS hands out no credentials"):
            role_key({"AWS_CONTAINER_CREDENTIALS_FULL_URI": aws.url})
        assert len(aws.requests) == 1

    def test_silence_is_an_outage(self) -> None:
        with pytest.raises(VendorUnavailable, match="ConnectError"):
            role_key({"AWS_CONTAINER_CREDENTIALS_FULL_URI": closed_port()})

    @pytest.mark.parametrize(
        ("environment", "says"),
        [
            ({}, "neither AWS_ACCESS_KEY_ID"),
            ({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://example.com"}, "must be an https URL"),
            (
                {
                    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1",
                    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/no/such/file",
                },
                "the file cannot be read",
            ),
        ],
        ids=["nothing", "in the clear", "no token file"],
    )
    def test_what_cannot_work_is_misconfigured(self, environment: dict[str, str], says: str) -> None:
        with pytest.raises(Misconfigured, match=says):
            role_key(environment)
