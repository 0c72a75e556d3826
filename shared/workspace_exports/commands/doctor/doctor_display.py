"""Display of results: a line each, the remedy below it, and a sentence at the end."""

from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.text import Text

from workspace_exports.commands.doctor.check_results import CheckResult, Status
from workspace_exports.commands.doctor.examination import Check

_NAME_WIDTH, _STATUS_WIDTH = 13, 9
_STYLES = {Status.OK: "green", Status.FAILED: "red", Status.SKIPPED: "dim", Status.UNKNOWN: "yellow"}
_SIGNS = {Status.OK: "✓", Status.FAILED: "✗", Status.SKIPPED: "–", Status.UNKNOWN: "?"}  # noqa: RUF001 - a dash
_ASCII_SIGNS = {Status.OK: "+", Status.FAILED: "!", Status.SKIPPED: "-", Status.UNKNOWN: "?"}


def show(console: Console, results: Iterable[tuple[Check, CheckResult]]) -> int:
    """Show the results as they come, and return the number of failures."""
    failures = 0
    for check, result in _waiting(console, results):
        failures += result.status is Status.FAILED
        for text in _lines(check, result, _ASCII_SIGNS if console.options.ascii_only else _SIGNS):
            console.print(text, soft_wrap=True)
    console.print(_verdict(failures))
    return failures


def _waiting(console: Console, results: Iterable[tuple[Check, CheckResult]]) -> Iterator[tuple[Check, CheckResult]]:
    """Yield the results; on a terminal, a line moves meanwhile."""
    if not console.is_terminal:
        yield from results
        return
    with console.status("looking", spinner="line"):
        yield from results


def _lines(check: Check, result: CheckResult, signs: dict[Status, str]) -> Iterator[Text]:
    status, style = result.status, _STYLES[result.status]
    yield Text.assemble(
        (f"{signs[status]} {status:<{_STATUS_WIDTH}}", style), f"{check.name:<{_NAME_WIDTH}}{result.said}"
    )
    indent = " " * (2 + _STATUS_WIDTH + _NAME_WIDTH)
    yield from (Text(f"{indent}{detail}") for detail in result.details)
    if result.remedy:
        yield Text(f"{indent}{result.remedy}", style="bold")


def _verdict(failures: int) -> Text:
    if failures:
        return Text(f"{failures} {'check' if failures == 1 else 'checks'} failed.", style="red")
    return Text(
        "Nothing is wrong, as far as can be told without an order. The rest: docs/deploy.md, On the first day.",
        style="green",
    )
