"""Settings of the archived projects.

The module that reads the list of targets is imported only for a list, because most deployments have none.
"""

from typing import TYPE_CHECKING

from pydantic import Field

from workspace_exports.client.config import ClientConfig
from workspace_exports.client.credentials.providers import SecretProvider
from workspace_exports.client.regions import DOMAINS, REGIONS, workspace_endpoint
from workspace_exports.runtime.settings.storage import ArchiveSettings
from workspace_exports.runtime.settings.vendor import VendorSettings

if TYPE_CHECKING:
    from workspace_exports.coverage.targets import Surroundings, Target


class TargetSettings(VendorSettings, ArchiveSettings):
    """Settings of the archived projects: one project, or those that `targets.json` in the archive lists."""

    has_targets: bool = Field(
        default=False, alias="ARCHIVE_TARGETS", description="true if `targets.json` in the archive lists the projects"
    )

    def targets(self) -> "tuple[Target, ...]":
        """Return all targets, as they are listed now.

        Raises:
            Misconfigured: the list is missing or wrong, or there is one although these settings use none; or these
                settings name no project and the look-up finds none.
            ArchiveUnavailable: the list cannot be read.
            Unauthorized, Throttled, VendorUnavailable, UnexpectedAnswer: as the vendor answers a look-up.
        """
        from workspace_exports.coverage.targets import (  # noqa: PLC0415
            Target,
            read_targets,
            refuse_targets,
        )

        if self.has_targets:
            return read_targets(self.open_archive(), self._surroundings).targets
        refuse_targets(self.open_archive())
        own = super().client_config()
        if own.project_id:
            return (Target(project_id=own.project_id),)
        from workspace_exports.client.connections import find_project  # noqa: PLC0415 - an HTTP client, for a look-up

        return (Target(project_id=find_project(own)),)

    def client_config(self, project_id: str | None = None) -> ClientConfig:
        """Return the sign-in for that project, from its target or else from these settings.

        Raises:
            Misconfigured: the region is not known, and no endpoint is set; or the list of targets is missing or wrong.
            ArchiveUnavailable: the list cannot be read.
        """
        own = super().client_config(project_id)
        if not self.has_targets or own.project_id is None:
            return own
        from workspace_exports.coverage.targets import find_target  # noqa: PLC0415

        target = find_target(self.open_archive(), own.project_id, self._surroundings)
        return self._led_to(target, own) if target else own

    def _led_to(self, target: "Target", own: ClientConfig) -> ClientConfig:
        region = target.region or own.region
        is_elsewhere = region != own.region
        arn = target.credentials_secret_arn
        return ClientConfig(
            region=region,
            endpoint=target.endpoint or (workspace_endpoint(region) if is_elsewhere else own.endpoint),
            iam_endpoint=target.iam_endpoint or (None if is_elsewhere else own.iam_endpoint),
            source=SecretProvider(arn) if arn else own.source,
            project_id=target.project_id,
        )

    @property
    def _surroundings(self) -> "Surroundings":
        from workspace_exports.coverage.targets import Surroundings  # noqa: PLC0415

        own = {endpoint for endpoint in (self.endpoint_override, self.iam_endpoint) if endpoint}
        return Surroundings(REGIONS, DOMAINS, frozenset(own))
