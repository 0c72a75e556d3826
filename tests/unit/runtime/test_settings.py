"""Settings come from the environment by the official names, and a fault is told without the value."""

from pathlib import Path

import pytest

from functions.fetch_file.app import FetchFileSettings
from functions.poll_status.app import PollStatusSettings
from workspace_exports.client.config import ClientConfig
from workspace_exports.client.connections import find_project
from workspace_exports.client.credentials import AccessKey
from workspace_exports.client.credentials.providers import (
    EnvironmentProvider,
    NoCredentials,
    ProfileProvider,
    SecretProvider,
)
from workspace_exports.client.regions import REGIONS, endpoint_beside, iam_endpoint
from workspace_exports.core.endpoints import is_safe_endpoint
from workspace_exports.core.errors import Misconfigured
from workspace_exports.storage.options import StoreOptions
from workspace_exports.storage.store import open_store

ENVIRONMENT = {
    "HUAWEICLOUD_SDK_AK": "an-access-key",
    "HUAWEICLOUD_SDK_SK": "a-secret-key",
    "HUAWEICLOUD_SDK_PROJECT_ID": "p",
    "WORKSPACE_REGION": "ap-southeast-3",
    "WORKSPACE_ENDPOINT": "",
    "ARCHIVE_URL": "s3://bucket/prefix",
    "PATH": "/bin",
}


SECRET_ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:workspace-AbCdEf"
KEY = ("HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK")
WITHOUT_KEY = {name: value for name, value in ENVIRONMENT.items() if name not in KEY}


def test_settings_that_stay_are_checked_once() -> None:
    settings = PollStatusSettings.read(ENVIRONMENT)
    assert PollStatusSettings.read(dict(ENVIRONMENT, PATH="/sbin")) is settings
    assert PollStatusSettings.read(ENVIRONMENT | {"POLL_DEADLINE_SECONDS": "60"}).polling.deadline.seconds == 60
    assert type(FetchFileSettings.read(ENVIRONMENT)) is FetchFileSettings


def test_the_regions_endpoint_is_the_default() -> None:
    settings = PollStatusSettings.read(ENVIRONMENT)
    assert settings.client_config() == ClientConfig(
        region="ap-southeast-3",
        endpoint="https://workspace.ap-southeast-3.myhuaweicloud.com",
        iam_endpoint=None,
        source=EnvironmentProvider(AccessKey("an-access-key", "a-secret-key")),
        project_id="p",
    )
    assert settings.polling.deadline.total_seconds() == 3600


def test_endpoints_can_be_set() -> None:
    set_ = {"WORKSPACE_ENDPOINT": "https://workspace.example.eu/", "IAM_ENDPOINT": "https://iam.example.eu/"}
    config = PollStatusSettings.read(ENVIRONMENT | set_).client_config()
    assert (config.endpoint, config.iam_endpoint) == ("https://workspace.example.eu", "https://iam.example.eu")


def test_an_unknown_region_is_refused_with_those_there_are() -> None:
    environment = ENVIRONMENT | {"WORKSPACE_REGION": "eu-north-7"}
    with pytest.raises(Misconfigured, match=r"WORKSPACE_REGION.*af-north-1, .*tr-west-1.*WORKSPACE_ENDPOINT"):
        PollStatusSettings.read(environment).client_config()
    known = environment | {"WORKSPACE_ENDPOINT": "https://workspace.example.eu"}
    assert PollStatusSettings.read(known).client_config().region == "eu-north-7"


@pytest.mark.parametrize("region", sorted(REGIONS))
def test_every_documented_region_has_its_endpoints(region: str) -> None:
    config = PollStatusSettings.read(ENVIRONMENT | {"WORKSPACE_REGION": region}).client_config()
    assert config.endpoint == f"https://workspace.{region}.myhuaweicloud.com"
    assert iam_endpoint(region) == f"https://iam.{region}.myhuaweicloud.com"


OTHERS = "https://{}.eu-west-101.myhuaweicloud.eu"
FIVE = ["cn-east-3", "cn-north-4", "cn-north-9", "cn-south-1", "cn-southwest-2"]


@pytest.mark.parametrize(
    ("endpoint", "appstream", "sts"),
    [
        *(
            (
                f"https://workspace.{region}.myhuaweicloud.com",
                f"https://appstream.{region}.myhuaweicloud.com",
                f"https://sts.{region}.myhuaweicloud.com",
            )
            for region in FIVE
        ),
        (OTHERS.format("workspace"), OTHERS.format("workspace"), OTHERS.format("sts")),
        (OTHERS.format("iam"), OTHERS.format("workspace"), OTHERS.format("sts")),
        (
            "https://workspace.cn-north-4.myhuaweicloud.cn",
            "https://appstream.cn-north-4.myhuaweicloud.cn",
            "https://sts.cn-north-4.myhuaweicloud.cn",
        ),
        ("https://iam.myhuaweicloud.com", "https://workspace.myhuaweicloud.com", "https://sts.myhuaweicloud.com"),
        *(
            (elsewhere, elsewhere, elsewhere)
            for elsewhere in (
                "http://127.0.0.1:8080",
                "https://gateway.corp.example",
                "https://workspace.corp.example",
                "https://workspace.cn-north-4.myhuaweicloud.com.example",
                "https://workspace.cn-north-4.myhuaweicloud.com:8443",
                "https://workspace.cn-north-4.myhuaweicloud.com/path",
                "https://obs.cn-north-4.myhuaweicloud.com",
            )
        ),
    ],
)
def test_each_service_has_a_host_beside_the_endpoint(endpoint: str, appstream: str, sts: str) -> None:
    assert (endpoint_beside(endpoint, "appstream"), endpoint_beside(endpoint, "sts")) == (appstream, sts)


@pytest.mark.parametrize("region", sorted(REGIONS))
def test_only_five_regions_have_a_host_for_application_streaming(region: str) -> None:
    host = "appstream" if region in FIVE else "workspace"
    found = endpoint_beside(f"https://workspace.{region}.myhuaweicloud.com", "appstream")
    assert found == f"https://{host}.{region}.myhuaweicloud.com"
    assert is_safe_endpoint(found)


def test_the_project_asked_for_comes_before_the_default_one() -> None:
    settings = PollStatusSettings.read(ENVIRONMENT)
    assert settings.client_config("other").project_id == "other"
    assert find_project(settings.client_config("other")) == "other"


FILE = {"HUAWEICLOUD_SDK_CREDENTIALS_FILE": "/home/me/credentials"}
SECRET = {"WORKSPACE_CREDENTIALS_SECRET_ARN": SECRET_ARN}


class TestWhereCredentialsComeFrom:
    def source(self, environment: dict[str, str]) -> object:
        return FetchFileSettings.read(environment).source

    def test_the_environment_comes_first(self) -> None:
        token = {"HUAWEICLOUD_SDK_SECURITY_TOKEN": "token"}
        key = AccessKey("an-access-key", "a-secret-key", "token")
        assert self.source(ENVIRONMENT | token | SECRET | FILE) == EnvironmentProvider(key)

    def test_then_the_secret(self) -> None:
        assert self.source(WITHOUT_KEY | SECRET | FILE) == SecretProvider(SECRET_ARN)

    def test_then_the_profile_file(self) -> None:
        assert self.source(WITHOUT_KEY | FILE) == ProfileProvider(Path("/home/me/credentials"))

    def test_the_profile_file_is_never_read_on_lambda(self) -> None:
        on_lambda = WITHOUT_KEY | FILE | {"AWS_LAMBDA_FUNCTION_NAME": "start-export"}
        assert isinstance(self.source(on_lambda), NoCredentials)

    def test_with_none_the_ways_are_listed_once_credentials_are_needed(self) -> None:
        config = FetchFileSettings.read(WITHOUT_KEY).client_config()
        ways = r"HUAWEICLOUD_SDK_AK.*WORKSPACE_CREDENTIALS_SECRET_ARN.*HUAWEICLOUD_SDK_CREDENTIALS_FILE"
        with pytest.raises(Misconfigured, match=ways):
            config.source.read()

    @pytest.mark.parametrize("name", KEY)
    def test_half_a_key_is_told_and_not_passed_over(self, name: str) -> None:
        config = FetchFileSettings.read(ENVIRONMENT | {name: ""} | SECRET).client_config()
        with pytest.raises(Misconfigured, match="one is set without the other"):
            config.source.read()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WORKSPACE_REGION", "Singapore"),
        ("WORKSPACE_REGION", ""),
        ("WORKSPACE_ENDPOINT", "http://example.com"),
        ("WORKSPACE_ENDPOINT", "ftp://127.0.0.1"),
        ("IAM_ENDPOINT", "http://example.com"),
        ("HUAWEICLOUD_SDK_PROJECT_ID", "../p"),
        ("ARCHIVE_URL", ""),
        ("ARCHIVE_CHECKSUM", "MD5"),
        ("ARCHIVE_KMS_KEY_ARN", "alias/archive"),
        ("ARCHIVE_TAGS", "department"),
        ("ARCHIVE_TAGS", "team=no*star"),
    ],
)
def test_a_fault_names_the_variable_and_not_its_value(name: str, value: str) -> None:
    with pytest.raises(Misconfigured, match=name) as caught:
        FetchFileSettings.read(ENVIRONMENT | {name: value})
    assert "a-secret-key" not in str(caught.value)
    assert not value or value not in str(caught.value)


class TestTheArchive:
    @pytest.fixture(autouse=True)
    def aws(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "testing")

    def test_is_opened_with_what_is_set_and_once(self) -> None:
        key = "arn:aws:kms:eu-central-1:123456789012:key/mrk-0f"
        set_ = {"ARCHIVE_CHECKSUM": "none", "ARCHIVE_KMS_KEY_ARN": key, "ARCHIVE_TAGS": "team=audit&retention=7y"}
        options = StoreOptions("none", key, (("team", "audit"), ("retention", "7y")))
        archive = FetchFileSettings.read(ENVIRONMENT | set_).open_archive()
        assert archive is open_store("s3://bucket/prefix", options)
        assert archive is not open_store("s3://bucket/prefix")

    def test_has_checksums_and_nothing_else_by_default(self) -> None:
        empty = {"ARCHIVE_CHECKSUM": "", "ARCHIVE_KMS_KEY_ARN": "", "ARCHIVE_TAGS": ""}
        archive = FetchFileSettings.read(ENVIRONMENT | empty).open_archive()
        assert archive is open_store("s3://bucket/prefix", StoreOptions("CRC64NVME", None, ()))

    def test_in_a_folder_cannot_have_tags(self, tmp_path: Path) -> None:
        in_folder = {"ARCHIVE_URL": tmp_path.as_uri(), "ARCHIVE_TAGS": "team=audit"}
        with pytest.raises(Misconfigured, match="need an s3:// archive"):
            FetchFileSettings.read(ENVIRONMENT | in_folder).open_archive()


def test_no_secret_is_in_the_settings_repr() -> None:
    settings = FetchFileSettings.read(ENVIRONMENT | {"HUAWEICLOUD_SDK_SECURITY_TOKEN": "a-secret-token"})
    assert "a-secret" not in repr((settings, settings.client_config()))


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
