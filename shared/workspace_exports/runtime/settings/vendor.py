"""Settings of the vendor: endpoints, credentials and retries."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, Field, SecretStr

from workspace_exports.client.config import ClientConfig
from workspace_exports.client.credentials import AccessKey
from workspace_exports.client.credentials.identities import advising
from workspace_exports.client.credentials.providers import (
    CredentialProvider,
    EnvironmentProvider,
    NoCredentials,
    ProfileProvider,
    SecretProvider,
)
from workspace_exports.client.regions import REGIONS, workspace_endpoint
from workspace_exports.core.contract import REGION, ProjectId
from workspace_exports.core.endpoints import is_safe_endpoint
from workspace_exports.core.errors import Misconfigured
from workspace_exports.runtime.settings.base import Settings

if TYPE_CHECKING:
    from workspace_exports.client.retry import RetryPolicy


def _safe(endpoint: str) -> str:
    if not is_safe_endpoint(endpoint):
        raise ValueError("must be an https URL; plain http is for this machine only")
    return endpoint.rstrip("/")


Endpoint = Annotated[str, AfterValidator(_safe)]

_NO_CREDENTIALS = (
    "No credentials for the vendor: set HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK, or on AWS "
    "WORKSPACE_CREDENTIALS_SECRET_ARN, or on your own machine HUAWEICLOUD_SDK_CREDENTIALS_FILE"
)
_FIX = "Fix HUAWEICLOUD_SDK_AK, HUAWEICLOUD_SDK_SK or HUAWEICLOUD_SDK_SECURITY_TOKEN in the environment."


class VendorSettings(Settings):
    """Settings of the vendor: endpoints, credentials and retries."""

    access_key_id: str | None = Field(
        default=None,
        alias="HUAWEICLOUD_SDK_AK",
        description="the access key; the environment's key is used before the secret",
    )
    secret_key: SecretStr | None = Field(
        default=None, alias="HUAWEICLOUD_SDK_SK", description="the secret key that belongs to it"
    )
    security_token: SecretStr | None = Field(
        default=None, alias="HUAWEICLOUD_SDK_SECURITY_TOKEN", description="the security token of a temporary key"
    )
    secret_arn: str | None = Field(
        default=None,
        alias="WORKSPACE_CREDENTIALS_SECRET_ARN",
        description="the AWS secret with an access key or a password",
    )
    profile_file: Path | None = Field(
        default=None,
        alias="HUAWEICLOUD_SDK_CREDENTIALS_FILE",
        description="the official SDK's profile file; used last, and never on Lambda",
    )
    function_name: str | None = Field(
        default=None, alias="AWS_LAMBDA_FUNCTION_NAME", description="set by Lambda, where the profile file is not used"
    )
    default_project_id: ProjectId | None = Field(
        default=None,
        alias="HUAWEICLOUD_SDK_PROJECT_ID",
        description="the project of orders that name none; without it, the region's project is looked up",
    )
    region: str = Field(
        alias="WORKSPACE_REGION", description="the region of the desktops, for example `ap-southeast-3`", pattern=REGION
    )
    attempts: int = Field(
        default=4,
        alias="VENDOR_ATTEMPTS",
        description="attempts within a function for a call that may be repeated",
        ge=1,
        le=10,
    )
    endpoint_override: Endpoint | None = Field(
        default=None,
        alias="WORKSPACE_ENDPOINT",
        description="the endpoint, if the region's own is not the right one; https. Beside a host of the vendor's, the "
        "hosts of its other services are found; any other host serves them itself",
    )
    iam_endpoint: Endpoint | None = Field(
        default=None, alias="IAM_ENDPOINT", description="the endpoint of the identity service, likewise"
    )

    def client_config(self, project_id: str | None = None) -> ClientConfig:
        """Return the sign-in for that project, or for the default one.

        Raises:
            Misconfigured: the region is not known, and no endpoint is set.
        """
        return ClientConfig(
            region=self.region,
            endpoint=self.endpoint,
            iam_endpoint=self.iam_endpoint,
            source=self.source,
            project_id=project_id or self.default_project_id,
        )

    @property
    def endpoint(self) -> str:
        """Endpoint of the region, unless another one is set."""
        if self.endpoint_override:
            return self.endpoint_override
        if self.region not in REGIONS:
            known = ", ".join(sorted(REGIONS))
            raise Misconfigured(f"WORKSPACE_REGION: set one of {known}; for any other, set WORKSPACE_ENDPOINT too")
        return workspace_endpoint(self.region)

    @property
    def retry(self) -> "RetryPolicy":
        """Policy of retries within one invocation."""
        from workspace_exports.client.retry import RetryPolicy  # noqa: PLC0415 - not for functions that call no vendor

        return RetryPolicy(self.attempts)

    @property
    def source(self) -> CredentialProvider:
        """Provider of the credentials: the environment, else the secret, else the profile file (not on Lambda)."""
        if self.access_key_id and self.secret_key:
            token = self.security_token.get_secret_value() if self.security_token else None
            with advising(_FIX):
                return EnvironmentProvider(AccessKey(self.access_key_id, self.secret_key.get_secret_value(), token))
        if self.access_key_id or self.secret_key:
            return NoCredentials("HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK: one is set without the other")
        if self.secret_arn:
            return SecretProvider(self.secret_arn)
        if self.profile_file and not self.function_name:
            return ProfileProvider(self.profile_file)
        return NoCredentials(_NO_CREDENTIALS)
