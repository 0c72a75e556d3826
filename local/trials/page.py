"""docs/faults.md, from what the trials came to."""

from collections.abc import Iterable, Sequence

from local.artifact import ROOT
from local.standin import FAULTS as VENDOR_FAULTS
from local.trials.stage import KIND
from local.trials.trial import Counts, Finding

PAGE = ROOT / "docs" / "faults.md"
COLUMNS = (
    "operation",
    "fault",
    "how often",
    "outcome",
    "attempts",
    "tasks",
    "objects",
    "manifests",
    "next run",
    "tasks, objects, manifests then",
)

_INTRODUCTION = """\
# What each fault comes to

Written by `make faults`. Each row is one trial of the deployed template on the local engine: one export of one day of a
project of its own, a fault on one operation, real HTTP to the vendor's stand-in and to a storage that misbehaves; then,
without the fault, one more execution, as the next run would start it.

- **how often**: `once` befalls the next call alone, `always` every call until the export has ended.
- **outcome**: how the export is in the archive, or the class of the error that ended it (`docs/runbook.md`).
- **attempts**: calls of that operation. A function makes one here (`VendorAttempts=1`; storage calls are repeated by
  the storage client), so these are the state machine's own attempts.
- **tasks**: made at the vendor. **objects**, **manifests**: of the day, in the archive.

Not tried here: a task that never ends, since another one is ordered after two days only
(`tests/workflow/test_export_bounds.py`, `tests/model`); a file without an end, and a storage that never answers,
which both hold a function for minutes (`tests/integration/test_vendor_faults.py`,
`tests/integration/test_storage_faults.py`).

At the end of every row the day is in the archive exactly once: one manifest, its object there, byte for byte what the
vendor has. A row where that is not so would be marked **LOST OR DOUBLED**, and `make faults` would exit with 1.
"""
_SIDES = {"vendor": "The vendor misbehaves", "storage": "The storage misbehaves"}


def render(findings: Sequence[Finding]) -> str:
    """The whole page."""
    sound = sum(finding.is_sound for finding in findings)
    parts = [_INTRODUCTION, f"{len(findings)} rows, {sound} of them sound.\n"]
    for side, title in _SIDES.items():
        rows = [finding for finding in findings if finding.trial.side == side]
        parts += [f"## {title}\n", _table(map(row, rows), COLUMNS)]
    return "\n".join([*parts, _glossary(findings)])


def row(finding: Finding) -> str:
    """Its line in the table."""
    return _line(_cells(finding))


def _cells(finding: Finding) -> tuple[str, ...]:
    trial, counts = finding.trial, finding.counts
    then = finding.next_outcome if finding.is_sound else f"**LOST OR DOUBLED**: {'; '.join(finding.problems)}"
    return (
        "order" if trial.operation == KIND else trial.operation,
        trial.fault,
        trial.how,
        finding.outcome,
        str(finding.attempts),
        str(counts.tasks),
        str(counts.objects),
        str(counts.manifests),
        then,
        _numbers(finding.next_counts),
    )


def _numbers(counts: Counts) -> str:
    return f"{counts.tasks}, {counts.objects}, {counts.manifests}"


def _glossary(findings: Iterable[Finding]) -> str:
    tried = {finding.trial.fault for finding in findings if finding.trial.side == "vendor"}
    rows = (_line((name, named.says)) for name, named in VENDOR_FAULTS.items() if name in tried)
    return "## The vendor's faults by name\n\n" + _table(rows, ("fault", "what happens"))


def _table(rows: Iterable[str], columns: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in (_line(columns), _line(("---",) * len(columns)), *rows))


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
