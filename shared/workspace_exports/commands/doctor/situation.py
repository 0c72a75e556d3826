"""Input of the checks. A call is made once, by the first check that needs its answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from workspace_exports.client.connections import Connection, connection
from workspace_exports.commands.doctor.network_path import EndpointAnswer, knock
from workspace_exports.exports import Export
from workspace_exports.runtime.settings.landing_limits import LandingSettings
from workspace_exports.runtime.settings.vendor import VendorSettings


class DoctorSettings(VendorSettings, LandingSettings):
    """Settings of the vendor; the archive has a check of its own."""


@dataclass(frozen=True)
class Situation:
    """Environment, and the work that is planned in it.

    Attributes:
        environment: the variables, with the profile file's where there is one.
        exports: the kinds that are to be archived.
        archive_url: the archive; empty if none is named.
    """

    environment: Mapping[str, str]
    exports: Sequence[Export]
    archive_url: str

    @cached_property
    def settings(self) -> DoctorSettings:
        """Settings.

        Raises:
            Misconfigured: something is missing or wrong.
        """
        return DoctorSettings.read(self.environment)

    @cached_property
    def answer(self) -> EndpointAnswer:
        """Answer of the vendor's endpoint to a call without credentials.

        Raises:
            httpx.RequestError: it answers nothing.
            Misconfigured: a proxy or the trusted certificates are of no use.
        """
        return knock(self.settings.endpoint)

    @property
    def connection(self) -> Connection:
        """Connection that the functions would use."""
        return connection(self.settings.client_config())
