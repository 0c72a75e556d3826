"""What can befall a call to the vendor, as data.

A fault is answered once, to the next call of its operation that carries a right signature: a client that signs badly
must not be able to hide behind a fault. A new kind of fault is a new dataclass in `mishaps` and a branch in the front;
a new fault of a known kind is a line in the `catalogue`.
"""

from local.standin.faults.answers import answer, error, html_page, redirect, server_error, throttled
from local.standin.faults.catalogue import (
    FAULTS,
    PASSING,
    RANDOM_FAULTS,
    Course,
    Named,
    check_names,
    faults_for,
)
from local.standin.faults.fates import disappears, ends_as, expires, fails, listed_late, never_finishes, vanishes
from local.standin.faults.mishaps import (
    Arrivals,
    Drip,
    Fault,
    Misstate,
    Prolong,
    Replace,
    Revoke,
    Rewrite,
    Skew,
    Truncate,
    check_fit,
)

__all__ = [
    "FAULTS",
    "PASSING",
    "RANDOM_FAULTS",
    "Arrivals",
    "Course",
    "Drip",
    "Fault",
    "Misstate",
    "Named",
    "Prolong",
    "Replace",
    "Revoke",
    "Rewrite",
    "Skew",
    "Truncate",
    "answer",
    "check_fit",
    "check_names",
    "disappears",
    "ends_as",
    "error",
    "expires",
    "fails",
    "faults_for",
    "html_page",
    "listed_late",
    "never_finishes",
    "redirect",
    "server_error",
    "throttled",
    "vanishes",
]
