"""Announcement of a report in words, small enough for a message and for a state's 256 KiB."""

from collections.abc import Sequence
from typing import TypeVar

from workspace_exports.coverage.reports import Announcement, MissingDay, Report

MOST_NAMES = 20
LONGEST_SUBJECT = 99
"""Limit of SNS: "less than 100 characters"."""
LONGEST_CAUSE = 32_768
"""Limit of Step Functions for a failure's cause: a run in which days failed ends with the text as its cause."""
_LONGEST_TEXT = 300

Day = TypeVar("Day", bound=MissingDay)


def announce(report: Report, url: str, page: str | None = None) -> Announcement:
    """Return the report for people and for machines, with its lists cut to the first names.

    Args:
        report: the whole report.
        url: the address of the whole report.
        page: the address of the coverage page; None if it could not be written.
    """
    places = [f"The whole report: {url}", *([f"The coverage page: {page}"] if page else [])]
    return Announcement(
        status=report.status,
        subject=_subject(report),
        text=_text([_counts(report), *_names(report)], places),
        report=report.model_copy(
            update={
                "failures": [_short(failure) for failure in report.failures[:MOST_NAMES]],
                "days_at_risk": report.days_at_risk[:MOST_NAMES],
                "days_lost": _latest(report)[:MOST_NAMES],
                "days_noted": [_short(noted) for noted in report.days_noted[:MOST_NAMES]],
            }
        ),
    )


def _subject(report: Report) -> str:
    archived = report.landed + report.already_there + report.empty
    what = f"{archived} of {report.planned} archived" if report.planned else "nothing was missing"
    troubles = {"failed": report.failed, "under way": report.under_way}
    dangers = {"postponed": report.postponed, "at risk": report.at_risk, "lost": report.lost}
    parts = [what, *(f"{count} {word}" for word, count in (troubles | dangers).items() if count)]
    subject = f"Archive run: {', '.join(parts)}"
    if len(subject) > LONGEST_SUBJECT:
        # The number of lost days matters more than the number under way, which needs no action.
        subject = subject.replace(f", {report.under_way} under way", "")
    return subject[:LONGEST_SUBJECT]


def _text(lines: list[str], places: list[str]) -> str:
    """Join the lines and cut them to the length of a cause; the addresses at the end are never cut."""
    said, where = "\n".join(lines), "\n".join(["", "", *places])
    return said[: LONGEST_CAUSE - len(where)] + where


def _counts(report: Report) -> str:
    return (
        f"Run {report.run}: {report.planned} planned, {report.landed} landed, {report.already_there} already there, "
        f"{report.empty} empty, {report.under_way} under way, {report.failed} failed; "
        f"{report.at_risk} at risk, {report.lost} lost."
    )


def _names(report: Report) -> list[str]:
    return [
        *_section("Failed; the next day's run orders them again:", [_short(f) for f in report.failures]),
        *_section("Archived, but check them:", [_short(noted) for noted in report.days_noted]),
        *_section("Missing, and soon beyond the vendor's reach:", report.days_at_risk),
        *_section("Lost; the vendor no longer has them:", _latest(report)),
    ]


def _latest(report: Report) -> list[MissingDay]:
    """Return the lost days, the newest first: earlier reports have named the older ones."""
    return sorted(report.days_lost, key=lambda lost: lost.day, reverse=True)


def _section(title: str, days: Sequence[MissingDay]) -> list[str]:
    if not days:
        return []
    more = [f"- and {len(days) - MOST_NAMES} more"] if len(days) > MOST_NAMES else []
    return ["", title, *(f"- {day}" for day in days[:MOST_NAMES]), *more]


def _short(day: Day) -> Day:
    """Cut texts that come from outside to a length that a state can carry."""
    texts = {name: value[:_LONGEST_TEXT] for name, value in day if isinstance(value, str)}
    return day.model_copy(update=texts)
