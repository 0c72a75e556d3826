"""Settings of status checks: their intervals and their end."""

from datetime import timedelta

from pydantic import Field

from workspace_exports.lifecycle.polling_policy import PollingPolicy
from workspace_exports.runtime.settings.base import Settings


class PollingSettings(Settings):
    """Settings of status checks: their intervals and their end."""

    shortest_wait_seconds: int = Field(
        default=5,
        alias="POLL_SHORTEST_WAIT_SECONDS",
        description="time from the order to the first status check",
        ge=1,
        le=300,
    )
    deadline_seconds: int = Field(
        default=3600,
        alias="POLL_DEADLINE_SECONDS",
        description="time that one run waits for a task",
        ge=1,
        le=24 * 3600,
    )
    unseen_grace_seconds: int = Field(
        default=60,
        alias="POLL_UNSEEN_GRACE_SECONDS",
        description="time for which the vendor's list may lack a new task",
        ge=0,
        le=3600,
    )

    @property
    def polling(self) -> PollingPolicy:
        """Policy of status checks in one run."""
        return PollingPolicy(
            deadline=timedelta(seconds=self.deadline_seconds),
            shortest_wait=timedelta(seconds=self.shortest_wait_seconds),
        )

    @property
    def unseen_grace(self) -> timedelta:
        """Time after its order in which a task may be absent from the vendor's list."""
        return timedelta(seconds=self.unseen_grace_seconds)
