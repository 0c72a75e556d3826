"""Variables of ours that are misspelt: passed over, their default counted without a word.

Source: aws/aws-sam-cli#2054 is the same kind for parameters; field fault F20.
"""

import pytest

from functions.fetch_file.app import FetchFileSettings
from functions.record_failure.app import RecordFailureSettings
from functions.report_archive.app import ReportArchiveSettings
from functions.start_export.app import StartExportSettings
from tests.support.builders.requests import DAY
from tests.support.fixtures.handlers import Call
from workspace_exports.commands.doctor.situation import DoctorSettings
from workspace_exports.core.errors import Misconfigured
from workspace_exports.runtime.settings.base import Settings
from workspace_exports.runtime.settings.metrics_target import MetricsSettings
from workspace_exports.runtime.settings.spelling import like_ours, refuse_misspelt

GOOD = {"ARCHIVE_URL": "memory:///a", "WORKSPACE_REGION": "ap-southeast-3"}


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("ARCHIVE_CHEKSUM", "ARCHIVE_CHECKSUM"),
        ("ARCHIVE_CHECK_SUM", "ARCHIVE_CHECKSUM"),
        ("ARCHIVE_TAG", "ARCHIVE_TAGS"),
        ("ARCHIVE_TARGET", "ARCHIVE_TARGETS"),
        ("ARCHIVE_KMS_KEY", "ARCHIVE_KMS_KEY_ARN"),
        ("ARCHIVE_URI", None),
        ("ARCHIVE_URLS", "ARCHIVE_URL"),
        ("WORKSPACE_REGIN", "WORKSPACE_REGION"),
        ("WORKSPACE_ENDPOINT_URL", "WORKSPACE_ENDPOINT"),
        ("WORKSPACE_ENPOINT", "WORKSPACE_ENDPOINT"),
        ("WORKSPACE_CREDENTIAL_SECRET_ARN", "WORKSPACE_CREDENTIALS_SECRET_ARN"),
        ("HUAWEICLOUD_SDK_PROJECTID", "HUAWEICLOUD_SDK_PROJECT_ID"),
        ("HUAWEICLOUD_SDK_SECURTY_TOKEN", "HUAWEICLOUD_SDK_SECURITY_TOKEN"),
        ("IAM_ENPOINT", "IAM_ENDPOINT"),
        ("POLL_DEADLINE_SECOND", "POLL_DEADLINE_SECONDS"),
        ("POLL_SHORTEST_WAITS_SECONDS", "POLL_SHORTEST_WAIT_SECONDS"),
        ("VENDOR_ATTEMPT", "VENDOR_ATTEMPTS"),
        ("DELETE_AFTER_LANDINGS", "DELETE_AFTER_LANDING"),
    ],
)
def test_a_misspelt_name_is_refused_with_the_one_that_is_meant(name: str, meant: str | None) -> None:
    if meant is None:
        FetchFileSettings.read(GOOD | {name: "secret"})
        return
    with pytest.raises(Misconfigured, match=f"^{name} is not known: {meant} is") as caught:
        FetchFileSettings.read(GOOD | {name: "secret"})
    assert "secret" not in str(caught.value).lower().replace(name.lower(), "").replace(meant.lower(), "")


@pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
def test_a_handler_refuses_before_the_vendor_hears_of_it(start: Call, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("HUAWEICLOUD_SDK_PROJECTID", "p")
    with pytest.raises(Misconfigured, match="HUAWEICLOUD_SDK_PROJECT_ID"):
        start(kind="connection-records", day=DAY)


@pytest.mark.parametrize(
    "name",
    [
        "ARCHIVE_DIR",
        "ARCHIVE_DAYS",
        "ARCHIVE_RETENTION_DAYS",
        "AWS_REGIN",
        "HUAWEICLOUD_SDK_DOMAIN_ID",
        "HUAWEICLOUD_SDK_IAM_ENDPOINT",
        "HUAWEICLOUD_SDK_IDP_ID",
        "HUAWEICLOUD_SDK_ID_TOKEN_FILE",
        "HUAWEICLOUD_SDK_REGION",
        "HUAWEICLOUD_SDK_REGIONS_FILE",
        "HUAWEICLOUD_SDK_STS_ENDPOINT",
        "IAM_ROLE",
        "POLL_INTERVAL",
        "VENDOR_DIR",
        "WORKSPACE",
        "WORKSPACE_DIR",
        "WORKSPACE_ID",
        "GITHUB_WORKSPACE",
        "archive_cheksum",
    ],
)
def test_a_name_of_another_program_is_left_alone(name: str) -> None:
    for settings in (FetchFileSettings, StartExportSettings, RecordFailureSettings, DoctorSettings):
        settings.read(GOOD | {name: "x"})


def subclasses(settings: type[Settings]) -> set[type[Settings]]:
    return {settings}.union(*map(subclasses, settings.__subclasses__()))


def test_no_name_of_one_function_is_taken_for_a_misspelt_one_of_anothers() -> None:
    """Functions share an environment, and each reads a part of it."""
    assert {ReportArchiveSettings, MetricsSettings} <= subclasses(Settings)
    everything = {str(field.alias) for one in subclasses(Settings) for field in one.model_fields.values()}
    for settings in subclasses(Settings):
        known = tuple(str(field.alias) for field in settings.model_fields.values())
        refuse_misspelt(like_ours(everything - set(known), known), known)
