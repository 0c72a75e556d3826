"""Settings that reports and the ledger read."""

from collections.abc import Sequence
from typing import Protocol

from workspace_exports.coverage.targets import Series
from workspace_exports.storage.store import Store


class WatchingAccess(Protocol):
    """Access to the archive, to the series that belong in it, and to the rule for missing days."""

    @property
    def at_risk_days(self) -> int:
        """Number of days before its loss from which on a missing day is at risk."""

    @property
    def kept_days(self) -> int:
        """Number of days that the archive keeps; 0 for forever."""

    def open_archive(self) -> Store:
        """Return the archive's storage."""

    def series(self) -> Sequence[Series]:
        """Return the series that the archive is to have."""
