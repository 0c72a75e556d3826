"""What the checks look at. Whatever takes a call is looked at once, by the first check that asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from local.doctor.network import Answer, knock
from workspace_exports.client.connections import Connection, connection
from workspace_exports.exports import Export
from workspace_exports.runtime.settings.landing_limits import LandingSettings
from workspace_exports.runtime.settings.vendor import VendorSettings


class DoctorSettings(VendorSettings, LandingSettings):
    """The vendor's part of what the functions need; the archive has a check of its own."""


@dataclass(frozen=True)
class Situation:
    """One environment, and what is to be done in it.

    Attributes:
        environment: the variables, with the profile file's where there is one.
        exports: the kinds somebody wants.
        archive_url: where to; empty if nobody says.
    """

    environment: Mapping[str, str]
    exports: Sequence[Export]
    archive_url: str

    @cached_property
    def settings(self) -> DoctorSettings:
        """The settings.

        Raises:
            Misconfigured: something is missing or wrong.
        """
        return DoctorSettings.read(self.environment)

    @cached_property
    def answer(self) -> Answer:
        """The answer of the vendor's endpoint to a call without credentials.

        Raises:
            httpx.RequestError: it answers nothing.
            Misconfigured: a proxy or the trusted certificates are of no use.
        """
        return knock(self.settings.endpoint)

    @property
    def connection(self) -> Connection:
        """The connection that the functions would use."""
        return connection(self.settings.client_config())
