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
# Results of each fault

`make faults` writes this page. Each row is one trial of the template on the local engine: one export of one day, in a
project of its own, with a fault on one operation. The stand-in for the vendor and a storage that injects faults use
real HTTP. Then the export is started once more without the fault, as the next run would do it.

- **how often**: `once` affects the next call only, `always` every call until the export has ended.
- **outcome**: the state of the export in the archive, or the class of the error that ended it ([errors](errors.md)).
- **attempts**: calls of that operation. A function makes one here (`VendorAttempts=1`; the storage client repeats
  storage calls), so these are the state machine's own attempts.
- **tasks**: made at the vendor. **objects**, **manifests**: of the day, in the archive.

Not tried here is a task that never ends: another one is ordered only after two days
(`tests/workflow/test_export_bounds.py`, `tests/model`). Neither are a file without an end and a storage that never
answers. Both block a function for minutes (`tests/integration/test_vendor_faults.py`,
`tests/integration/test_storage_faults.py`).

At the end of every row the archive has the day exactly once: one manifest and its object, with the vendor's bytes. Any
other row would be marked **LOST OR DOUBLED**, and `make faults` would exit with 1.
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
