"""Profiles, secrets and keys as people's tools write them: byte order marks, ends of DOS lines, empty fields, blanks.

Sources: field fault F12; aws/aws-cli#2415 (a byte order mark in a credentials file), boto/botocore#1241 (an empty one),
PowerShell's `Out-File` (UTF-16), `aws secretsmanager create-secret --secret-string file://` (in JSON).
"""

import json
from pathlib import Path

import boto3
import pytest

from local.standin.accounts import DEMO_ACCESS_KEY, DEMO_SECRET_KEY
from local.standin.server import VendorStandIn
from tests.support.builders.requests import DAY
from tests.support.fixtures.handlers import Call
from workspace_exports.client.credentials import AccessKey, Credentials, Login
from workspace_exports.client.credentials.profile import read_profile
from workspace_exports.client.credentials.providers import EnvironmentProvider
from workspace_exports.client.credentials.secret import parse_secret
from workspace_exports.core.errors import Misconfigured
from workspace_exports.runtime.settings.vendor import VendorSettings

CANARY = "canary"
PROFILE = "[basic]\nak = key\nsk = secret%\n"
KEY = {"access_key": "key", "secret_key": "secret%"}
EXPECTED = Credentials(AccessKey("key", "secret%"))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(PROFILE.encode(), id="plain"),
        pytest.param(PROFILE.encode("utf-8-sig"), id="UTF-8 with a mark"),
        pytest.param(PROFILE.encode("utf-16"), id="UTF-16"),
        pytest.param(b"\xfe\xff" + PROFILE.encode("utf-16-be"), id="UTF-16, big end first"),
        pytest.param(PROFILE.replace("\n", "\r\n").encode(), id="ends of DOS lines"),
        pytest.param(PROFILE.replace("\n", "\r\n").encode("utf-8-sig"), id="both"),
        pytest.param(PROFILE.replace("\n", "  \t\n").encode(), id="blanks at the ends"),
        pytest.param(f"\n\n# mine\n{PROFILE}".encode(), id="blank lines and a comment"),
        pytest.param(f"{PROFILE}security_token =\n".encode(), id="an empty token"),
        pytest.param(f"{PROFILE}security_token =  \r\nproject_id =\r\n".encode(), id="empty fields"),
        pytest.param(
            f"{PROFILE.upper().replace('BASIC', 'basic').replace('KEY', 'key')}".encode().replace(b"SECRET", b"secret"),
            id="names in capitals",
        ),
        pytest.param(f"[other]\nak = x\n{PROFILE}".encode(), id="another section"),
    ],
)
def test_a_profile_is_read(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "credentials"
    file.write_bytes(content)
    assert read_profile(file) == EXPECTED


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\xff\xfe[", "cannot be read"),
        (f"[basic]\nak = {CANARY}\nsk = ".encode(), "lacks sk"),
        (f"[basic]\nak = {CANARY}\u200b\nsk = {CANARY}".encode(), "access_key is empty, or holds"),
        (f"[basic]\nak = a\nsk = {CANARY}\n {CANARY}".encode(), "secret_key is empty, or holds"),
        (f"[basic]\nak = a\nsk = b\nsecurity_token = {CANARY}\u00e9".encode(), "security_token is empty, or holds"),
        (f"[basic]\nak = a\nsk = b\nproject_id = {CANARY}/..".encode(), "project_id"),
        (f"[basic]\nak = a\nsk = b\niam_endpoint = http://{CANARY}".encode(), "iam_endpoint"),
        (f"{CANARY}\n".encode(), "is not an INI file"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_fault_in_a_profile_names_the_file_and_no_value(content: bytes, says: str, tmp_path: Path) -> None:
    file = tmp_path / "credentials"
    file.write_bytes(content)
    with pytest.raises(Misconfigured, match=says) as caught:
        read_profile(file)
    assert str(file) in str(caught.value)
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (json.dumps(KEY), EXPECTED),
        ("\ufeff" + json.dumps(KEY), EXPECTED),
        (json.dumps(KEY, indent=2).replace("\n", "\r\n") + "\r\n", EXPECTED),
        (json.dumps(KEY | {"security_token": ""}), EXPECTED),
        (json.dumps(KEY | {"security_token": None}), EXPECTED),
        (json.dumps(KEY | {"security_token": "  "}), EXPECTED),
        (json.dumps(KEY | {"project_id": ""}), EXPECTED),
        (json.dumps(KEY | {"project_id": None, "security_token": None}), EXPECTED),
        (json.dumps({"access_key": " key\n", "secret_key": "\tsecret% "}), EXPECTED),
        (
            json.dumps({"user_name": " u ", "password": " p ", "domain_name": "d\r\n", "project_id": ""}),
            Credentials(Login("u", " p ", "d")),
        ),
    ],
)
def test_a_secret_is_read(text: str, expected: Credentials) -> None:
    assert parse_secret(text) == expected


@pytest.mark.parametrize(
    ("document", "says"),
    [
        (KEY | {"secret_key": None}, "lacks secret_key"),
        (KEY | {"secret_key": " "}, "lacks secret_key"),
        (KEY | {"secret_key": f"{CANARY}\nx"}, "secret_key is empty, or holds"),
        (KEY | {"security_token": f"{CANARY}\u00e9"}, "security_token is empty, or holds"),
        (KEY | {"security_token": [CANARY]}, "security_token, but not as text"),
        (KEY | {"project_id": f"{CANARY}/.."}, "project_id"),
        (KEY | {CANARY.upper(): CANARY}, "a field, which does not belong there"),
        ([CANARY], "is not a JSON object"),
    ],
    ids=str,
)
@pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
def test_a_fault_in_a_secret_names_the_secret_and_no_value(
    document: object, says: str, start: Call, environment: pytest.MonkeyPatch, s3_endpoint: str, tmp_path: Path
) -> None:
    role = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_ENDPOINT_URL": s3_endpoint}
    client = boto3.client(
        "secretsmanager",
        endpoint_url=s3_endpoint,
        region_name="us-east-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",
    )
    arn = client.create_secret(Name=str(tmp_path), SecretString=json.dumps(document))["ARN"]
    client.close()
    for name, value in {**role, "WORKSPACE_CREDENTIALS_SECRET_ARN": arn}.items():
        environment.setenv(name, value)
    environment.delenv("HUAWEICLOUD_SDK_AK")
    environment.delenv("HUAWEICLOUD_SDK_SK")
    with pytest.raises(Misconfigured, match=says) as caught:
        start(kind="connection-records", day=DAY)
    assert arn in str(caught.value)
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    ("variables", "key"),
    [
        ({"HUAWEICLOUD_SDK_AK": " key ", "HUAWEICLOUD_SDK_SK": "secret\r"}, AccessKey("key", "secret")),
        ({"HUAWEICLOUD_SDK_AK": "key\n", "HUAWEICLOUD_SDK_SK": "\tsecret\r\n"}, AccessKey("key", "secret")),
        (
            {"HUAWEICLOUD_SDK_AK": "key", "HUAWEICLOUD_SDK_SK": "secret", "HUAWEICLOUD_SDK_SECURITY_TOKEN": " "},
            AccessKey("key", "secret"),
        ),
        (
            {"HUAWEICLOUD_SDK_AK": "key", "HUAWEICLOUD_SDK_SK": "secret", "HUAWEICLOUD_SDK_SECURITY_TOKEN": "t\r"},
            AccessKey("key", "secret", "t"),
        ),
    ],
)
def test_a_key_in_the_environment_is_read(variables: dict[str, str], key: AccessKey) -> None:
    settings = VendorSettings.read({"WORKSPACE_REGION": "ap-southeast-3\r"} | variables)
    assert settings.source == EnvironmentProvider(key)


@pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
def test_settings_with_ends_of_dos_lines_are_those_without(
    start: Call, environment: pytest.MonkeyPatch, vendor: VendorStandIn, archive_url: str
) -> None:
    for name, value in {
        "HUAWEICLOUD_SDK_AK": DEMO_ACCESS_KEY,
        "HUAWEICLOUD_SDK_SK": DEMO_SECRET_KEY,
        "WORKSPACE_ENDPOINT": vendor.url,
        "ARCHIVE_URL": archive_url,
    }.items():
        environment.setenv(name, f" {value}\r\n")
    assert start(kind="connection-records", day=DAY)["task_id"]


@pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
@pytest.mark.parametrize("name", ["HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK", "HUAWEICLOUD_SDK_SECURITY_TOKEN"])
def test_a_fault_in_a_key_of_the_environment_names_the_variables_and_no_value(
    name: str, start: Call, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv(name, f"{CANARY}\u00e9")
    with pytest.raises(Misconfigured, match="is empty, or holds") as caught:
        start(kind="connection-records", day=DAY)
    assert name in str(caught.value)
    assert CANARY not in str(caught.value)
