"""What each function reads from its environment: one frozen model per function, secrets hidden from every repr."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic_core import ErrorDetails

from workspace_exports.archive.options import Checksum, StoreOptions, Tags, parse_tags
from workspace_exports.archive.since import planned_series
from workspace_exports.archive.store import Store, open_store
from workspace_exports.archive.targets import find_target, read_targets, refuse_targets
from workspace_exports.contracts.base import ProjectId
from workspace_exports.contracts.targets import REGION, Series, Surroundings, Target
from workspace_exports.errors import Misconfigured
from workspace_exports.loopback import is_safe_endpoint
from workspace_exports.planning.polling import PollingPolicy
from workspace_exports.vendor.credentials import AccessKey
from workspace_exports.vendor.credentials.sources import FromEnvironment, FromProfile, FromSecret, Nowhere, Source
from workspace_exports.vendor.regions import DOMAINS, REGIONS, workspace_endpoint
from workspace_exports.vendor.retry import RetryPolicy
from workspace_exports.vendor.sign_in import SignIn


def _safe(endpoint: str) -> str:
    if not is_safe_endpoint(endpoint):
        raise ValueError("must be an https URL; plain http is for this machine only")
    return endpoint.rstrip("/")


Endpoint = Annotated[str, AfterValidator(_safe)]

_NO_CREDENTIALS = (
    "No credentials for the vendor: set HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK, or on AWS "
    "WORKSPACE_CREDENTIALS_SECRET_ARN, or on your own machine HUAWEICLOUD_SDK_CREDENTIALS_FILE"
)


class Settings(BaseModel):
    """The aliases are the names in the environment."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """The settings in that environment; an empty variable counts as absent.

        Raises:
            Misconfigured: something is missing or wrong; the text names the variables, never their values.
        """
        try:
            return cls.model_validate({name: value for name, value in environment.items() if value})
        except ValidationError as error:
            raise Misconfigured("; ".join(map(_fault, error.errors(include_input=False)))) from None


def _fault(detail: ErrorDetails) -> str:
    name = detail["loc"][0]
    return f"{name} is missing" if detail["type"] == "missing" else f"{name}: {detail['msg']}"


class VendorSettings(Settings):
    """Where the vendor is and who we are to it."""

    access_key_id: str | None = Field(default=None, alias="HUAWEICLOUD_SDK_AK")
    secret_key: SecretStr | None = Field(default=None, alias="HUAWEICLOUD_SDK_SK")
    security_token: SecretStr | None = Field(default=None, alias="HUAWEICLOUD_SDK_SECURITY_TOKEN")
    secret_arn: str | None = Field(default=None, alias="WORKSPACE_CREDENTIALS_SECRET_ARN")
    profile_file: Path | None = Field(default=None, alias="HUAWEICLOUD_SDK_CREDENTIALS_FILE")
    function_name: str | None = Field(default=None, alias="AWS_LAMBDA_FUNCTION_NAME")
    default_project_id: ProjectId | None = Field(default=None, alias="HUAWEICLOUD_SDK_PROJECT_ID")
    region: str = Field(alias="WORKSPACE_REGION", pattern=REGION)
    attempts: int = Field(default=4, alias="VENDOR_ATTEMPTS", ge=1, le=10)
    endpoint_override: Endpoint | None = Field(default=None, alias="WORKSPACE_ENDPOINT")
    iam_endpoint: Endpoint | None = Field(default=None, alias="IAM_ENDPOINT")

    def sign_in(self, project_id: str | None = None) -> SignIn:
        """How to sign in to that project, or to the default one.

        Raises:
            Misconfigured: the region is not known, and no endpoint is set.
        """
        return SignIn(
            region=self.region,
            endpoint=self.endpoint,
            iam_endpoint=self.iam_endpoint,
            source=self.source,
            project_id=project_id or self.default_project_id,
        )

    @property
    def endpoint(self) -> str:
        """The region's endpoint, unless another one is set."""
        if self.endpoint_override:
            return self.endpoint_override
        if self.region not in REGIONS:
            known = ", ".join(sorted(REGIONS))
            raise Misconfigured(f"WORKSPACE_REGION: set one of {known}; for any other, set WORKSPACE_ENDPOINT too")
        return workspace_endpoint(self.region)

    @property
    def retry(self) -> RetryPolicy:
        """How calls are repeated within one invocation."""
        return RetryPolicy(self.attempts)

    @property
    def source(self) -> Source:
        """Where the credentials are: in the environment, else in the secret, else in the profile file."""
        if self.access_key_id and self.secret_key:
            token = self.security_token.get_secret_value() if self.security_token else None
            return FromEnvironment(AccessKey(self.access_key_id, self.secret_key.get_secret_value(), token))
        if self.access_key_id or self.secret_key:
            return Nowhere("HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK: one is set without the other")
        if self.secret_arn:
            return FromSecret(self.secret_arn)
        if self.profile_file and not self.function_name:
            return FromProfile(self.profile_file)
        return Nowhere(_NO_CREDENTIALS)


class ArchiveSettings(Settings):
    """Where the archive is, and what its storage does with every object."""

    archive_url: str = Field(alias="ARCHIVE_URL")
    checksum: Checksum = Field(default="CRC64NVME", alias="ARCHIVE_CHECKSUM")
    kms_key_arn: str | None = Field(
        default=None, alias="ARCHIVE_KMS_KEY_ARN", pattern=r"^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[\w-]+$"
    )
    tags: Annotated[Tags, BeforeValidator(parse_tags)] = Field(default=(), alias="ARCHIVE_TAGS")

    def open_archive(self) -> Store:
        """The archive's storage.

        Raises:
            Misconfigured: it is of no kind that can be written to, or that can do what is asked of it.
        """
        return open_store(self.archive_url, StoreOptions(self.checksum, self.kms_key_arn, self.tags))


class TargetSettings(VendorSettings, ArchiveSettings):
    """Which projects are archived: the one of these settings, or those that `targets.json` in the archive lists."""

    has_targets: bool = Field(default=False, alias="ARCHIVE_TARGETS")

    def targets(self) -> tuple[Target, ...]:
        """All of them, as they are listed now.

        Raises:
            Misconfigured: the list is missing or wrong, or there is one where none is to be read; or nobody names the
                one project, and it cannot be looked up.
            ArchiveUnavailable: the list cannot be read.
            Unauthorized, Throttled, VendorUnavailable, UnexpectedAnswer: as the vendor answers a look-up.
        """
        if self.has_targets:
            return read_targets(self.open_archive(), self._surroundings).targets
        refuse_targets(self.open_archive())
        return (Target(project_id=super().sign_in().find_project()),)

    def sign_in(self, project_id: str | None = None) -> SignIn:
        """How to sign in to that project as its target says, or else as these settings say.

        Raises:
            Misconfigured: the region is not known, and no endpoint is set; or the list of targets is of no use.
            ArchiveUnavailable: the list cannot be read.
        """
        own = super().sign_in(project_id)
        if not self.has_targets or own.project_id is None:
            return own
        target = find_target(self.open_archive(), own.project_id, self._surroundings)
        return self._led_to(target, own) if target else own

    def _led_to(self, target: Target, own: SignIn) -> SignIn:
        region = target.region or own.region
        is_elsewhere = region != own.region
        arn = target.credentials_secret_arn
        return SignIn(
            region=region,
            endpoint=target.endpoint or (workspace_endpoint(region) if is_elsewhere else own.endpoint),
            iam_endpoint=target.iam_endpoint or (None if is_elsewhere else own.iam_endpoint),
            source=FromSecret(arn) if arn else own.source,
            project_id=target.project_id,
        )

    @property
    def _surroundings(self) -> Surroundings:
        own = {endpoint for endpoint in (self.endpoint_override, self.iam_endpoint) if endpoint}
        return Surroundings(REGIONS, DOMAINS, frozenset(own))


class LandingSettings(Settings):
    """What becomes of the vendor's task once its file has landed."""

    delete_after_landing: bool = Field(default=False, alias="DELETE_AFTER_LANDING")


class PollingSettings(Settings):
    """How often and how long a task is looked at."""

    shortest_wait_seconds: int = Field(default=5, alias="POLL_SHORTEST_WAIT_SECONDS", ge=1, le=300)
    deadline_seconds: int = Field(default=3600, alias="POLL_DEADLINE_SECONDS", ge=1, le=24 * 3600)
    unseen_grace_seconds: int = Field(default=60, alias="POLL_UNSEEN_GRACE_SECONDS", ge=0, le=3600)

    @property
    def polling(self) -> PollingPolicy:
        """When to look, and when to give up in this run."""
        return PollingPolicy(
            deadline=timedelta(seconds=self.deadline_seconds),
            shortest_wait=timedelta(seconds=self.shortest_wait_seconds),
        )

    @property
    def unseen_grace(self) -> timedelta:
        """How long after its order a task may be absent from the vendor's list."""
        return timedelta(seconds=self.unseen_grace_seconds)


class StartExportSettings(TargetSettings, PollingSettings):
    """What start-export needs."""


class PollStatusSettings(TargetSettings, PollingSettings):
    """What poll-status needs."""


class FetchFileSettings(TargetSettings, LandingSettings, PollingSettings):
    """What fetch-file needs; with a workflow to hand over to, it takes in only what one call over HTTP has time for."""

    export_workflow_arn: str | None = Field(default=None, alias="EXPORT_WORKFLOW_ARN")


class PlanArchiveSettings(TargetSettings):
    """What plan-archive needs; it calls the vendor only where the project's id is to be looked up."""


class WatchingSettings(TargetSettings):
    """What the archive is to have, and when a missing day is in danger; needs no call to the vendor."""

    at_risk_days: int = Field(default=7, alias="AT_RISK_DAYS", ge=1, le=30)
    kept_days: int = Field(default=0, alias="ARCHIVE_RETENTION_DAYS", ge=0)

    def series(self) -> list[Series]:
        """What the archive is to have; where the project is looked up for the plan, what has ever been planned.

        Raises:
            Misconfigured: the list of targets is of no use.
            ArchiveUnavailable: the list or the plans' beginnings cannot be read.
        """
        if self.has_targets or self.default_project_id:
            return [one for target in self.targets() for one in target.series()]
        return planned_series(self.open_archive())


class ReportArchiveSettings(WatchingSettings):
    """What report-archive needs; it never calls the vendor."""


class ShowCoverageSettings(WatchingSettings):
    """What show-coverage needs; it never calls the vendor."""


class MetricsSettings(Settings):
    """Under what the metrics stand; Powertools itself reads POWERTOOLS_METRICS_DISABLED."""

    namespace: str = Field(default="WorkspaceExports", alias="POWERTOOLS_METRICS_NAMESPACE")
    stack: str = Field(default="local", alias="STACK_NAME")


class RecordFailureSettings(ArchiveSettings):
    """What record-failure needs."""

    default_project_id: ProjectId | None = Field(default=None, alias="HUAWEICLOUD_SDK_PROJECT_ID")
