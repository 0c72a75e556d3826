"""Settings that the use cases of one export's life read.

The settings of the functions have these members; any other object with them fits too.
"""

from datetime import timedelta
from typing import Protocol

from workspace_exports.client.config import ClientConfig
from workspace_exports.client.retry import RetryPolicy
from workspace_exports.lifecycle.polling_policy import PollingPolicy
from workspace_exports.storage.store import Store


class TaskAccess(Protocol):
    """Access to the archive and to the vendor's service, and times for waiting on a task."""

    def open_archive(self) -> Store:
        """Return the archive's storage."""

    def client_config(self, project_id: str | None = None) -> ClientConfig:
        """Return the sign-in for a project; for the default one where none is given."""

    @property
    def retry(self) -> RetryPolicy:
        """Policy of retries within one invocation."""

    @property
    def polling(self) -> PollingPolicy:
        """Policy of status checks: their times, and their end."""

    @property
    def unseen_grace(self) -> timedelta:
        """Time after its order in which a task may be absent from the vendor's list."""


class LandingAccess(TaskAccess, Protocol):
    """Access of a fetch: in addition, the meaning of a failed task and the deletion of the vendor's copy."""

    @property
    def delete_after_landing(self) -> bool:
        """True if the vendor's task is deleted once its file has landed."""

    def means_no_data(self, reason: str | None) -> bool:
        """Return whether a task that failed for this reason had nothing to export."""


class DelegatingAccess(LandingAccess, Protocol):
    """Access of a call over HTTP: in addition, the workflow for a file that one call has no time for."""

    @property
    def export_workflow_arn(self) -> str | None:
        """ARN of the workflow; None where the call itself has to finish."""
