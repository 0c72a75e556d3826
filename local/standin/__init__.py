"""A stand-in for the vendor: real HTTP, verified signatures, genuine files, scripted faults.

It serves tests, the workflow tests and the demo alike, and knows nothing of the product.
"""

from local.faults import DROP_BEFORE_WORK, LOSE_ANSWER, NORMALLY, Drop, Hang
from local.standin.accounts import (
    DEMO_ACCESS_KEY,
    DEMO_DOMAIN_NAME,
    DEMO_PASSWORD,
    DEMO_PROJECT_ID,
    DEMO_REGION,
    DEMO_SECRET_KEY,
    DEMO_USER_NAME,
    Account,
)
from local.standin.clock import Clock, SettableClock, system_clock
from local.standin.company import CANARIES, CANARY_IP, CANARY_MAC, CANARY_USER
from local.standin.contents import Contents
from local.standin.downloads import Validators
from local.standin.faults import (
    FAULTS,
    PASSING,
    Arrivals,
    Course,
    Drip,
    Fault,
    Misstate,
    Prolong,
    Replace,
    Revoke,
    Rewrite,
    Skew,
    Truncate,
    answer,
    disappears,
    ends_as,
    error,
    expires,
    fails,
    faults_for,
    html_page,
    listed_late,
    never_finishes,
    redirect,
    server_error,
    throttled,
    vanishes,
)
from local.standin.ledger import REDACTED, RecordedCall
from local.standin.messages import Answer
from local.standin.operations import EXPORTS, OPERATIONS
from local.standin.quota import Quota
from local.standin.reports import REPORT_SHEET, REQUEST_SHEET, ReportSpec, expected_rows
from local.standin.server import VendorStandIn
from local.standin.tasks import Fate, Task
from local.standin.windows import Reading

__all__ = [
    "CANARIES",
    "CANARY_IP",
    "CANARY_MAC",
    "CANARY_USER",
    "DEMO_ACCESS_KEY",
    "DEMO_DOMAIN_NAME",
    "DEMO_PASSWORD",
    "DEMO_PROJECT_ID",
    "DEMO_REGION",
    "DEMO_SECRET_KEY",
    "DEMO_USER_NAME",
    "DROP_BEFORE_WORK",
    "EXPORTS",
    "FAULTS",
    "LOSE_ANSWER",
    "NORMALLY",
    "OPERATIONS",
    "PASSING",
    "REDACTED",
    "REPORT_SHEET",
    "REQUEST_SHEET",
    "Account",
    "Answer",
    "Arrivals",
    "Clock",
    "Contents",
    "Course",
    "Drip",
    "Drop",
    "Fate",
    "Fault",
    "Hang",
    "Misstate",
    "Prolong",
    "Quota",
    "Reading",
    "RecordedCall",
    "Replace",
    "ReportSpec",
    "Revoke",
    "Rewrite",
    "SettableClock",
    "Skew",
    "Task",
    "Truncate",
    "Validators",
    "VendorStandIn",
    "answer",
    "disappears",
    "ends_as",
    "error",
    "expected_rows",
    "expires",
    "fails",
    "faults_for",
    "html_page",
    "listed_late",
    "never_finishes",
    "redirect",
    "server_error",
    "system_clock",
    "throttled",
    "vanishes",
]
