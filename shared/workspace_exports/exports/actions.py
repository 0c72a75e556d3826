"""IAM actions that a user's policy must allow, as far as the vendor's reference pages name them.

The vendor refuses a missing permission only at the call, and most of these calls create something. The actions are
therefore declared here.
"""

from enum import Enum

LIST_TASKS = "workspace:tenants:listExportTasks"
DOWNLOAD_FILE = "workspace:tenants:exportData"
DELETE_TASKS = "workspace:tenants:deleteExportTasks"
DECODE_REFUSALS = "sts::decodeAuthorizationMessage"
"""Action for the vendor's STS, so that a refusal can name the permission that is missing. Nothing else needs it."""


class NoAction(Enum):
    """Reasons why an operation has no action: the vendor says that it needs none, or says nothing."""

    NEEDED = "none needed"
    DOCUMENTED = "not documented"

    def __str__(self) -> str:
        return self.value


Action = str | NoAction
