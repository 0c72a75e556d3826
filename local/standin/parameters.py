"""The words in which an operation of the vendor is written down."""

from dataclasses import dataclass
from enum import Enum
from typing import Literal

Value = str | int | bool | list[str]
"""What a checked parameter holds."""


class Type(Enum):
    """What a parameter may hold, as far as the vendor says."""

    TEXT = "a text"
    INTEGER = "an integer"
    BOOLEAN = "true or false"
    TEXTS = "a list of texts"
    UTC_TIME = "a time like 2016-08-20T21:11:11Z"
    UTC_MILLISECONDS = "a time like 2024-02-27T03:47:51.182Z"
    ISO_TIME = "an ISO 8601 time"


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One parameter in a query or a JSON body and every documented limit on it.

    ``joined`` texts are some of ``allowed``, with commas between them.
    """

    name: str
    type: Type = Type.TEXT
    mandatory: bool = False
    allowed: tuple[str | int, ...] = ()
    joined: bool = False
    pattern: str | None = None
    longest: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    min_items: int = 0
    max_items: int | None = None


class Bounds(Enum):
    """Which of the two bounds a caller must give."""

    BOTH = "both"
    AT_LEAST_ONE = "at least one"
    BOTH_OR_NEITHER = "both or neither"


@dataclass(frozen=True)
class Window:
    """How far back the vendor answers, counted from the moment of the call."""

    days: int
    bounds: Bounds
    start: str = "start_time"
    end: str = "end_time"


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation; ``ordered`` lists the pairs whose first may not exceed their second.

    The gateway counts the calls of all operations with one ``limit_class`` together. ``action`` is the permission that
    the vendor documents; None where none is needed or none is named.
    """

    name: str
    method: Literal["GET", "POST"]
    path: str
    service: Literal["workspace", "appstream", "iam", "sts"] = "workspace"
    limit_class: str | None = None
    action: str | None = None
    carried_in: Literal["query", "body"] = "query"
    parameters: tuple[Parameter, ...] = ()
    window: Window | None = None
    ordered: tuple[tuple[str, str], ...] = ()


def text(name: str, *, mandatory: bool = False, pattern: str | None = None, longest: int | None = None) -> Parameter:
    """Declare free text."""
    return Parameter(name=name, mandatory=mandatory, pattern=pattern, longest=longest)


def limited(longest: int, *names: str) -> tuple[Parameter, ...]:
    """Declare free texts of at most so many characters."""
    return tuple(text(name, longest=longest) for name in names)


def choice(name: str, *allowed: str, mandatory: bool = False) -> Parameter:
    """Declare a text with a closed set of values."""
    return Parameter(name=name, allowed=allowed, mandatory=mandatory)


def integer(name: str, *allowed: int, minimum: int | None = None, maximum: int | None = None) -> Parameter:
    """Declare an integer, either from a closed set or within limits."""
    return Parameter(name=name, type=Type.INTEGER, allowed=allowed, minimum=minimum, maximum=maximum)


def flag(name: str) -> Parameter:
    """Declare a boolean."""
    return Parameter(name=name, type=Type.BOOLEAN)


def texts(name: str, *, max_items: int | None = None) -> Parameter:
    """Declare a list, which a query carries as repeated keys."""
    return Parameter(name=name, type=Type.TEXTS, max_items=max_items)


def bounds(
    start: str = "start_time", end: str = "end_time", *, mandatory: bool, kind: Type = Type.UTC_TIME
) -> tuple[Parameter, Parameter]:
    """Declare the two ends of a window."""
    return (
        Parameter(name=start, type=kind, mandatory=mandatory),
        Parameter(name=end, type=kind, mandatory=mandatory),
    )


def language(*, mandatory: bool = False) -> Parameter:
    """Declare the language of a sheet's headings."""
    return choice("language", "zh_CN", "en_US", mandatory=mandatory)


def sorting(*fields: str) -> tuple[Parameter, Parameter]:
    """Declare a sort field and its direction."""
    return choice("sort_field", *fields), choice("sort_type", "ASC", "DESC")
