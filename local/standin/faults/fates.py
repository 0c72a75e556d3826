"""What may become of a task that was accepted."""

import math

from local.standin.tasks import Fate


def fails(reason: str, error_code: str = "WKS.00211401") -> Fate:
    """Make the task end as FAIL."""
    return Fate(ending="FAIL", fail_reason=reason, error_code=error_code)


def ends_as(word: str) -> Fate:
    """Make the task end in a status that the documentation does not have."""
    return Fate(ending=word)


def expires(after_seconds: float) -> Fate:
    """Make the file go away so long after the task has succeeded."""
    return Fate(expires_after_seconds=after_seconds)


def never_finishes() -> Fate:
    """Leave the task at CREATING for ever."""
    return Fate(task_seconds=math.inf)


def vanishes() -> Fate:
    """Accept the task and never list it."""
    return Fate(listed_after_seconds=math.inf)


def listed_late(after_seconds: float) -> Fate:
    """List the task only after a while."""
    return Fate(listed_after_seconds=after_seconds)


def disappears(after_seconds: float) -> Fate:
    """List the task for so long, and then as if it had never been."""
    return Fate(listed_for_seconds=after_seconds)
