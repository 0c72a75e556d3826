"""Which faults are tried on which operations, and where."""

from collections.abc import Iterator

from local.standin import FAULTS as VENDOR_FAULTS
from local.storage import faults_for as storage_faults_for
from local.trials.stage import KIND
from local.trials.trial import How, Side, Trial

_VENDOR = {
    KIND: "plain",
    "list": "plain",
    "download": "plain",
    "delete": "deletes at the vendor",
    "tokens": "signs in by password",
}
_STORAGE = {
    "put": "plain",
    "create": "plain",
    "get": "plain",
    "list": "plain",
    "create-multipart": "large files",
    "upload-part": "large files",
    "complete-multipart": "large files",
}
_ALWAYS = frozenset(
    {
        "throttled",
        "server-error",
        "dropped",
        "lost-answer",
        "html-page",
        "cut-short",
        "cut-file-unnoticed",
        "page-for-file",
        "task-failed",
        "task-expired",
        "task-vanished",
        "SlowDown",
        "AccessDenied",
        "answer lost",
    }
)
"""Tried to the end, too: one of each sort."""
_ENDLESS = frozenset({"task-stuck", "endless-file", "hang", "hang after work"})
"""A stuck task is waited for for two days, run after run; the others go on until a function is cut off, for minutes."""


def programme() -> Iterator[Trial]:
    """Every trial there is, those of one stage not always in a row."""
    for operation, stage in _VENDOR.items():
        for name, named in VENDOR_FAULTS.items():
            if operation in named.on and name not in _ENDLESS:
                yield from _trials("vendor", operation, name, stage)
    for operation, stage in _STORAGE.items():
        for name in storage_faults_for(operation):
            if name not in _ENDLESS:
                yield from _trials("storage", operation, name, stage)


def _trials(side: Side, operation: str, fault: str, stage: str) -> Iterator[Trial]:
    hows: tuple[How, ...] = ("once", "always") if fault in _ALWAYS else ("once",)
    return (Trial(side=side, operation=operation, fault=fault, how=how, stage=stage) for how in hows)
