"""Settings of a command: those of all functions together, and the kinds that it works on by default."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from workspace_exports.core.errors import Misconfigured
from workspace_exports.coverage.targets import Target
from workspace_exports.events import KindWithDays
from workspace_exports.runtime.settings.landing_limits import LandingSettings
from workspace_exports.runtime.settings.ledger_range import WatchingSettings
from workspace_exports.runtime.settings.polling_times import PollingSettings


def split_list(text: object) -> object:
    """Return the parts of a text such as `a,b`, without blanks; any other value as it is."""
    return [part.strip() for part in text.split(",") if part.strip()] if isinstance(text, str) else text


Kinds = Annotated[tuple[KindWithDays, ...], BeforeValidator(split_list)]


class CommandSettings(WatchingSettings, LandingSettings, PollingSettings):
    """Settings of a command: those of all functions together, and the kinds that it works on by default."""

    kinds: Kinds = Field(
        default=(),
        alias="ARCHIVE_KINDS",
        description="the kinds to archive, separated by commas; empty: all kinds with days. Not with `ARCHIVE_TARGETS`",
    )

    def targets(self) -> tuple[Target, ...]:
        """Return all targets, with the kinds of these settings, if they name any.

        Raises:
            Misconfigured: the settings name kinds, and a list of projects that names its own.
            ExportError: as the settings of the functions.
        """
        found = super().targets()
        if not self.kinds:
            return found
        if self.has_targets:
            raise Misconfigured(
                "ARCHIVE_KINDS and ARCHIVE_TARGETS are both set",
                advice="Name the kinds of each project in targets.json.",
            )
        return tuple(target.model_copy(update={"kinds": list(self.kinds)}) for target in found)
