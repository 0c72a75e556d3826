"""Settings that the use cases of one export's life read, and what they open.

The settings of the functions fit, and so does anything else that has these members.
"""

from datetime import timedelta
from typing import Protocol

from workspace_exports.client.config import ClientConfig
from workspace_exports.client.retry import RetryPolicy
from workspace_exports.lifecycle.polling_policy import PollingPolicy
from workspace_exports.storage.store import Store


class TaskAccess(Protocol):
    """Opens the archive and the vendor's service, and says how long a task is waited for."""

    def open_archive(self) -> Store:
        """Return the archive's storage."""

    def sign_in(self, project_id: str | None = None) -> ClientConfig:
        """Return how to sign in to a project; to the default one where none is given."""

    @property
    def retry(self) -> RetryPolicy:
        """Return how calls are repeated within one invocation."""

    @property
    def polling(self) -> PollingPolicy:
        """Return when to check a task's status, and when to stop."""

    @property
    def unseen_grace(self) -> timedelta:
        """Return how long after its order a task may be absent from the vendor's list."""


class LandingAccess(TaskAccess, Protocol):
    """Says in addition what a failed task means, and whether the vendor's copy is deleted."""

    @property
    def delete_after_landing(self) -> bool:
        """Return whether the vendor's task is deleted once its file has landed."""

    def means_no_data(self, reason: str | None) -> bool:
        """Return whether a task that failed for this reason had nothing to export."""


class DelegatingAccess(LandingAccess, Protocol):
    """Says in addition which workflow takes over what one call has no time for."""

    @property
    def export_workflow_arn(self) -> str | None:
        """Return the workflow's ARN; None where the call itself is to finish."""
