"""The two jobs, from the first finding to the summary."""

from collections import Counter
from datetime import timedelta

from local.archive.display import Display, Row
from workspace_exports.audit.prune import Fate, Leftover, sweep
from workspace_exports.audit.verify import Finding, Verdict, verify
from workspace_exports.storage.store import Store

WELL, NOT_WELL, NOT_ASKED = 0, 1, 2


def verify_all(store: Store, display: Display) -> int:
    """Shows everything that is not intact; 0 if none of it is a fault, 2 if there is nothing to verify."""
    counts: Counter[str] = Counter()
    with display.watching():
        for finding in verify(store):
            counts[finding.verdict] += 1
            display.count(finding.read_bytes)
            if finding.verdict is not Verdict.INTACT:
                display.show(_row_of_finding(finding))
    if not counts.total() - counts[Verdict.FOREIGN]:
        display.sum_up(counts, "There is nothing here to verify: is it the right place?", well=False)
        return NOT_ASKED
    is_well = not any(count for verdict, count in counts.items() if Verdict(verdict).is_fault)
    display.sum_up(counts, "Everything is intact." if is_well else "Not everything is intact.", well=is_well)
    return WELL if is_well else NOT_WELL


def sweep_all(store: Store, display: Display, older_than: timedelta, *, dry_run: bool) -> int:
    """Shows every leftover and what became of it; 0 unless one had to be left."""
    counts: Counter[str] = Counter()
    if next(iter(store.keys("")), None) is None:
        display.sum_up(counts, "There is nothing here to sweep: is it the right place?", well=False)
        return NOT_ASKED
    with display.watching():
        for leftover in sweep(store, older_than=older_than, dry_run=dry_run):
            counts[leftover.fate] += 1
            display.count(leftover.size_bytes)
            display.show(_row_of_leftover(leftover))
    is_well = not counts[Fate.LEFT]
    display.sum_up(counts, _verdict(counts), well=is_well)
    return WELL if is_well else NOT_WELL


def _row_of_finding(finding: Finding) -> Row:
    facts = {"names": finding.names, "read_bytes": finding.read_bytes}
    return Row(finding.verdict, finding.key, finding.detail, is_fault=finding.verdict.is_fault, facts=facts)


def _row_of_leftover(leftover: Leftover) -> Row:
    facts = {"size_bytes": leftover.size_bytes, "written_at": leftover.written_at.isoformat(timespec="seconds")}
    return Row(leftover.fate, leftover.key, leftover.detail, is_fault=leftover.fate is Fate.LEFT, facts=facts)


def _verdict(counts: Counter[str]) -> str:
    if counts[Fate.LEFT]:
        return "Not everything could be swept; what was left says why."
    if counts[Fate.FOUND]:
        return "Nothing was removed: this was a dry run. Remove with --delete."
    return "Everything that was left over is gone." if counts[Fate.REMOVED] else "Nothing is left over."
