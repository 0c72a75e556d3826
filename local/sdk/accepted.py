"""Differences that are known and accepted, each with its reason. Remove one that no SDK shows any more."""

from collections.abc import Iterable

from local.sdk.differences import Difference, Finding

_ANSWERS_A_FILE = "Answers the file itself, without a task."
_TEMPLATE = "Answers an empty form to be filled in and imported, not data."
_CERTIFICATE = "Makes a file for a certificate of the tenant's own authority, not a record of anything."
_NO_EXPORT = "Its task runs something on desktops; it exports nothing."

Key = tuple[str, str | None, Finding]
"""Operation, parameter (None for the operation as a whole), kind of difference."""

ACCEPTED: dict[Key, str] = {
    (operation, None, Finding.NOT_DECLARED): reason
    for reason, operations in {
        f"{_ANSWERS_A_FILE} ExportUserConnectionNew has replaced it; the vendor will withdraw it.": (
            "ExportUserLoginInfoNew",
        ),
        f"{_ANSWERS_A_FILE} ExportUserGroupsNew has the same groups as a task.": ("ExportUserGroups",),
        f"{_ANSWERS_A_FILE} XML for importing it again: a backup of settings.": ("ExportPolicyGroups",),
        f"{_ANSWERS_A_FILE} Records of one scheduled task, by its id.": ("ExportScheduledTasksRecords",),
        _TEMPLATE: (
            "ExportIpTemplate",
            "ExportTerminalsBindingDesktopsTemplate",
            "ExportUserListTemplate",
            "ExportUsersTemplate",
        ),
        _CERTIFICATE: ("ExportCertCrlFile", "ExportCertCsrFile", "ExportCertPemFile"),
        _NO_EXPORT: (
            "CreateScheduledTasks",
            "CreateUpgradeScheduleTask",
            "ExecuteDesktopPoolScript",
            "ExecuteScriptByDesktopTag",
            "ExecuteScriptOrCommand",
            "RetryScriptExecution",
        ),
    }.items()
    for operation in operations
}


def key_of(difference: Difference) -> Key:
    """The key under which a difference is accepted."""
    return difference.operation, difference.parameter, difference.finding


def unaccepted(differences: Iterable[Difference]) -> list[Difference]:
    """The differences that need a change of the declarations, or a reason here."""
    return [one for one in differences if key_of(one) not in ACCEPTED]
