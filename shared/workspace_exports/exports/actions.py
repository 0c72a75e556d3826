"""The vendor's IAM actions: what a user's policy must allow, as far as the vendor's reference pages say.

A policy is refused only when the call is made, and most of these calls make something: hence they are known here.
"""

from enum import Enum

LIST_TASKS = "workspace:tenants:listExportTasks"
DOWNLOAD_FILE = "workspace:tenants:exportData"
DELETE_TASKS = "workspace:tenants:deleteExportTasks"


class NoAction(Enum):
    """Why an operation has no action: the vendor says that it needs none, or says nothing."""

    NEEDED = "none needed"
    DOCUMENTED = "not documented"

    def __str__(self) -> str:
        return self.value


Action = str | NoAction
