"""`verify`: compare every manifest of an archive with the object that it names."""

from collections import Counter

import typer

from workspace_exports.audit.verify import Finding, Verdict, verify
from workspace_exports.commands.common_options import Archive, AsJson
from workspace_exports.commands.exits import ExitCode
from workspace_exports.commands.findings_display import FindingsDisplay, Row
from workspace_exports.commands.session import session_of
from workspace_exports.storage.store import Store


def verify_archive(context: typer.Context, *, archive: Archive = None, as_json: AsJson = False) -> None:
    """Read every manifest and every object again, and compare place, length and SHA-256.

    Exit code 1: something is not intact. 2: there is no archive, or it cannot be asked.
    """
    session = session_of(context)
    store = session.existing_archive(archive)
    raise typer.Exit(verify_all(store, FindingsDisplay(session.output, session.errors, as_json=as_json)))


def verify_all(store: Store, display: FindingsDisplay) -> ExitCode:
    """Show everything that is not intact, and return the code."""
    counts: Counter[str] = Counter()
    with display.watching():
        for finding in verify(store):
            counts[finding.verdict] += 1
            display.count(finding.read_bytes)
            if finding.verdict is not Verdict.INTACT:
                display.show(_row(finding))
    if not counts.total() - counts[Verdict.FOREIGN]:
        display.sum_up(counts, "nothing", "There is nothing here to verify: is it the right place?", well=False)
        return ExitCode.NOT_ASKED
    if any(count for verdict, count in counts.items() if Verdict(verdict).is_fault):
        sentence = "Not everything is intact. For each finding: docs/archive.md, Verifying."
        display.sum_up(counts, "not intact", sentence, well=False)
        return ExitCode.NOT_WELL
    display.sum_up(counts, "consistent", "Everything is intact.", well=True)
    return ExitCode.WELL


def _row(finding: Finding) -> Row:
    facts = {"names": finding.names, "read_bytes": finding.read_bytes}
    return Row(finding.verdict, finding.key, finding.detail, is_fault=finding.verdict.is_fault, facts=facts)
