"""How findings look: a line each, what to do below it, and a sentence at the end."""

from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.text import Text

from local.doctor.examination import Check
from local.doctor.findings import Finding, Status

_NAME_WIDTH, _STATUS_WIDTH = 13, 9
_STYLES = {Status.OK: "green", Status.FAILED: "red", Status.SKIPPED: "dim", Status.UNKNOWN: "yellow"}
_SIGNS = {Status.OK: "✓", Status.FAILED: "✗", Status.SKIPPED: "–", Status.UNKNOWN: "?"}  # noqa: RUF001 - a dash
_ASCII_SIGNS = {Status.OK: "+", Status.FAILED: "!", Status.SKIPPED: "-", Status.UNKNOWN: "?"}


def show(console: Console, findings: Iterable[tuple[Check, Finding]]) -> int:
    """Shows the findings as they come; returns how many are failures."""
    failures = 0
    for check, finding in _waiting(console, findings):
        failures += finding.status is Status.FAILED
        for text in _lines(check, finding, _ASCII_SIGNS if console.options.ascii_only else _SIGNS):
            console.print(text, soft_wrap=True)
    console.print(_verdict(failures))
    return failures


def _waiting(console: Console, findings: Iterable[tuple[Check, Finding]]) -> Iterator[tuple[Check, Finding]]:
    """On a terminal, something moves while a check takes its time."""
    if not console.is_terminal:
        yield from findings
        return
    with console.status("looking", spinner="line"):
        yield from findings


def _lines(check: Check, finding: Finding, signs: dict[Status, str]) -> Iterator[Text]:
    status, style = finding.status, _STYLES[finding.status]
    yield Text.assemble(
        (f"{signs[status]} {status:<{_STATUS_WIDTH}}", style), f"{check.name:<{_NAME_WIDTH}}{finding.said}"
    )
    indent = " " * (2 + _STATUS_WIDTH + _NAME_WIDTH)
    yield from (Text(f"{indent}{detail}") for detail in finding.details)
    if finding.remedy:
        yield Text(f"{indent}{finding.remedy}", style="bold")


def _verdict(failures: int) -> Text:
    if failures:
        return Text(f"{failures} {'check' if failures == 1 else 'checks'} failed.", style="red")
    return Text(
        "Nothing is wrong, as far as can be told without an order. The rest: docs/deploy.md, On the first day.",
        style="green",
    )
