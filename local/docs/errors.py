"""Tables of the errors, written from the error tree."""

from collections.abc import Iterator

from local.docs.markdown import table
from workspace_exports.core.errors import ExportError

_HEAD = ("class", "means", "over HTTP", "what to do")


def errors_tables() -> str:
    """Return one table for each recovery, which is the class that an error derives from."""
    sections = (
        f"### {recovery.__name__}\n\n{_text(recovery)}\n\n{table(_HEAD, map(_row, _leaves(recovery)))}"
        for recovery in ExportError.__subclasses__()
    )
    return "\n".join(sections)


def _leaves(error: type[ExportError]) -> Iterator[type[ExportError]]:
    below = error.__subclasses__()
    if not below:
        yield error
    for one in below:
        yield from _leaves(one)


def _row(error: type[ExportError]) -> tuple[str, ...]:
    return f"`{error.__name__}`", _text(error), f"{error.http_status}: {error.title}", error.advice


def _text(error: type[ExportError]) -> str:
    """Return the docstring up to its list of attributes, on one line."""
    return " ".join((error.__doc__ or "").partition("Attributes:")[0].split())
