"""Settings that reports and the ledger read."""

from collections.abc import Sequence
from typing import Protocol

from workspace_exports.coverage.targets import Series
from workspace_exports.storage.store import Store


class WatchingAccess(Protocol):
    """Opens the archive, and says what belongs in it and when a missing day is at risk."""

    @property
    def at_risk_days(self) -> int:
        """Return how many days before the vendor drops it a missing day is at risk."""

    @property
    def kept_days(self) -> int:
        """Return how many days the archive keeps; 0 for all."""

    def open_archive(self) -> Store:
        """Return the archive's storage."""

    def series(self) -> Sequence[Series]:
        """Return the series that the archive is to have."""
