"""Checks in their order, each with the earlier ones that it depends on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from workspace_exports.commands.doctor.archive_check import check_archive
from workspace_exports.commands.doctor.check_results import CheckResult, Status, skipped
from workspace_exports.commands.doctor.permission_check import check_permissions
from workspace_exports.commands.doctor.situation import Situation
from workspace_exports.commands.doctor.vendor_checks import (
    check_clock,
    check_credentials,
    check_endpoint,
    check_settings,
)


@dataclass(frozen=True, slots=True)
class Check:
    """Check of one part of the set-up.

    Attributes:
        name: for the terminal, and for the checks that depend on it.
        look: makes the result.
        needs: the checks without which it would only fail for their reason, or cost a key an attempt.
    """

    name: str
    look: Callable[[Situation], CheckResult]
    needs: tuple[str, ...] = ()


CHECKS = (
    Check("settings", check_settings),
    Check("endpoint", check_endpoint, needs=("settings",)),
    Check("clock", check_clock, needs=("endpoint",)),
    Check("credentials", check_credentials, needs=("endpoint", "clock")),
    Check("permissions", check_permissions, needs=("settings",)),
    Check("archive", check_archive),
)


def examine(situation: Situation) -> Iterator[tuple[Check, CheckResult]]:
    """Yield each check with its result, as soon as there is one."""
    bad: set[str] = set()
    for check in CHECKS:
        missing = [name for name in check.needs if name in bad]
        result = skipped(f"needs {missing[0]}") if missing else check.look(situation)
        if result.status in (Status.FAILED, Status.SKIPPED):
            bad.add(check.name)
        yield check, result
