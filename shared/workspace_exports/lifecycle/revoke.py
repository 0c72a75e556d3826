"""Revocation of a day: its manifest is removed and kept with the reason; its file stays; the day is planned again.

The steps are, in this order: write the record of the revocation, mark the order that made the task (so that no start
and no fetch uses it again), delete the manifest. A crash in between leaves the day archived, and the same call
completes the revocation.
"""

import hashlib
from datetime import date, datetime

from workspace_exports.archive.failures import Failure, write_failure
from workspace_exports.archive.layout import SeriesName, day_manifest_key, revocation_key
from workspace_exports.archive.manifests import Manifest, parse_manifest
from workspace_exports.archive.order_log import release_task
from workspace_exports.archive.revocations import Revocation, keep_revocation
from workspace_exports.archive.statements import forget_statement, read_statement
from workspace_exports.core.errors import Rejected
from workspace_exports.core.redaction import sanitize
from workspace_exports.events import OrderedExport
from workspace_exports.exports import Window, find_export
from workspace_exports.storage.store import Store

REVOKED = "Revoked"
"""Name in the ledger for a revoked day, in place of an error's class."""

_LONGEST_REASON = 300
_GIVE_A_REASON = 'Give --why "...".'
_KEEP_IT = "Keep it, or give --even-if-lost."


def check_revocable(  # noqa: PLR0913 - as for `revoke`
    store: Store, series: SeriesName, day: date, why: str, now: datetime, *, even_if_lost: bool = False
) -> bytes:
    """Return the stored manifest of the day if it can be revoked; arguments and errors are those of `revoke`."""
    window = find_export(series.kind).window
    if not window.has_days:
        raise Rejected(f"{series.kind} has no days: a snapshot cannot be ordered again for a past moment")
    if not why.strip() or len(why) > _LONGEST_REASON:
        raise Rejected(
            f"The reason must have 1 to {_LONGEST_REASON} characters: it stays in the archive", advice=_GIVE_A_REASON
        )
    key = day_manifest_key(series, day)
    content = store.read(key)
    if content is None:
        raise Rejected(
            f"{series.kind} of {day} is not archived for project {series.project_id}: there is nothing to revoke"
        )
    parse_manifest(key, content)
    problems = window.out_of_reach(Window.of_day(day), now)
    if problems and not even_if_lost:
        raise Rejected(
            f"The vendor no longer has this day, so nothing could replace it: {'; '.join(problems)}", advice=_KEEP_IT
        )
    return content


def revoke(  # noqa: PLR0913 - the last is a consent, given by name
    store: Store, series: SeriesName, day: date, why: str, now: datetime, *, even_if_lost: bool = False
) -> Revocation:
    """Revoke a landed or empty day, so that the next run orders it again. The call can be repeated safely.

    Args:
        store: the archive.
        series: kind and project.
        day: in UTC, archived with the filters of the series.
        why: the reason in a few words, for the record.
        now: the current time by our clock.
        even_if_lost: revoke the day even if the vendor no longer has it, so that nothing can replace it.

    Returns:
        The record of the revocation, as it is kept.

    Raises:
        Rejected: the day is not archived, cannot be ordered again, or no reason is given; nothing has changed.
        ArchiveUnavailable: storage refused, or the manifest is damaged.
    """
    content = check_revocable(store, series, day, why, now, even_if_lost=even_if_lost)
    key = day_manifest_key(series, day)
    manifest = parse_manifest(key, content)
    new = Revocation(
        manifest_key=key,
        manifest=content.decode(),
        sha256=hashlib.sha256(content).hexdigest(),
        why=why.strip(),
        revoked_at=now,
    )
    revocation = keep_revocation(store, revocation_key(key, manifest.task_id), new)
    export = _ordered(manifest, day)
    witnesses = read_statement(store, export)
    for task_id in {manifest.task_id, *(witnesses.task_ids if witnesses else ())}:
        release_task(store, export.model_copy(update={"task_id": task_id}), now)
    forget_statement(store, export)
    write_failure(store, export, _failure(export, revocation))
    if store.read(key) == content:
        store.delete(key)
    return revocation


def _ordered(manifest: Manifest, day: date) -> OrderedExport:
    return OrderedExport(
        kind=manifest.kind,
        project_id=manifest.project_id,
        day=day,
        ordered_at=manifest.ordered_at,
        task_id=manifest.task_id,
        filters=manifest.filters,
    )


def _failure(export: OrderedExport, revocation: Revocation) -> Failure:
    return Failure(
        kind=export.kind,
        project_id=export.project_id,
        window=str(export.window),
        task_id=export.task_id,
        error=REVOKED,
        what=f"Its archived result was revoked: {sanitize(revocation.why)}",
        advice="The next run orders it again, and the new result lands beside the revoked one.",
        at=revocation.revoked_at,
    )
