"""A storage that misbehaves: stands before any S3, and lets its calls suffer what storage makes callers suffer.

`with MisbehavingStorage(endpoint) as storage: storage.script("put", FAULTS["SlowDown"])`, and AWS_ENDPOINT_URL is
`storage.url`.
"""

from local.faults import DROP_BEFORE_WORK, LOSE_ANSWER, NORMALLY, Drop, Hang
from local.storage.faults import (
    FAULTS,
    PASSING,
    REPEATED,
    Answer,
    CutOff,
    CutShort,
    Fault,
    Garble,
    Reset,
    Stale,
    faults_for,
    refusal,
)
from local.storage.operations import OPERATIONS
from local.storage.requests import Passed
from local.storage.server import MisbehavingStorage

__all__ = [
    "DROP_BEFORE_WORK",
    "FAULTS",
    "LOSE_ANSWER",
    "NORMALLY",
    "OPERATIONS",
    "PASSING",
    "REPEATED",
    "Answer",
    "CutOff",
    "CutShort",
    "Drop",
    "Fault",
    "Garble",
    "Hang",
    "MisbehavingStorage",
    "Passed",
    "Reset",
    "Stale",
    "faults_for",
    "refusal",
]
