"""The checks in their order, and what each of them needs to have gone well before."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from local.doctor.archive import check_archive
from local.doctor.findings import Finding, Status, skipped
from local.doctor.permissions import check_permissions
from local.doctor.situation import Situation
from local.doctor.vendor import check_clock, check_credentials, check_endpoint, check_settings


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at.

    Attributes:
        name: for the terminal, and for those that need it.
        look: makes the finding.
        needs: without these it would only fail for their reason, or cost a key an attempt.
    """

    name: str
    look: Callable[[Situation], Finding]
    needs: tuple[str, ...] = ()


CHECKS = (
    Check("settings", check_settings),
    Check("endpoint", check_endpoint, needs=("settings",)),
    Check("clock", check_clock, needs=("endpoint",)),
    Check("credentials", check_credentials, needs=("endpoint", "clock")),
    Check("permissions", check_permissions, needs=("settings",)),
    Check("archive", check_archive),
)


def examine(situation: Situation) -> Iterator[tuple[Check, Finding]]:
    """Each check with its finding, as soon as there is one."""
    bad: set[str] = set()
    for check in CHECKS:
        missing = [name for name in check.needs if name in bad]
        finding = skipped(f"needs {missing[0]}") if missing else check.look(situation)
        if finding.status in (Status.FAILED, Status.SKIPPED):
            bad.add(check.name)
        yield check, finding
