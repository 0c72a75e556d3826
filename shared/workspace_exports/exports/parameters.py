"""Types of an export's parameters, and the values that each one accepts."""

import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import ClassVar

from typing_extensions import override

from workspace_exports.core.redaction import quoted

Filters = Mapping[str, object]
NO_FILTERS: Filters = MappingProxyType({})

LARGEST_INTEGER = 2**31 - 1
"""Largest value of a signed field of 32 bits. The vendor names no limits, and no real latency or count is larger."""

_UNSENDABLE = {"Cc", "Cs"}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([+-]\d\d:\d\d)?", re.ASCII)
_UTC_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)

_IN_WORDS: tuple[tuple[type, str], ...] = ((str, "a text"), (list, "a list"), (dict, "an object"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter(ABC):
    """Parameter of an export, by the vendor's own name.

    Attributes:
        name: as on the wire.
        meaning: summary of the vendor's page about it.
        mandatory: whether the vendor refuses an order without it.
        default: value that counts if it is left out. For an optional parameter the vendor documents the default, and
            nothing is sent. For a mandatory one the default is ours and is sent.
    """

    in_path: ClassVar[bool] = False

    name: str
    meaning: str
    mandatory: bool = False
    default: str | None = None

    @property
    @abstractmethod
    def expected(self) -> str:
        """Description of an acceptable value, in the words of errors and documentation."""

    @abstractmethod
    def fits(self, value: object) -> bool:
        """Return whether the value is acceptable."""

    def problem(self, value: object) -> str | None:
        """Return the reason why the value cannot be sent; None if it can."""
        if value is None:
            return f"{self.name} is null: give it a value or leave it out"
        if not all(map(_is_sendable, value if isinstance(value, list) else [value])):
            return f"{self.name} holds a control character or half a character: remove it"
        return None if self.fits(value) else f"{self.name} must be {self.expected}{self._told(value)}"

    def _told(self, value: object) -> str:
        """Return the value as the end of an error's text.

        A text is left out: it may be a person's name, and errors are logged.
        """
        if isinstance(value, int | float):
            return f", not {quoted(value)}"
        return next((f", not {words}" for kind, words in _IN_WORDS if isinstance(value, kind)), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Parameter):
    """Free text, with limits only where the vendor documents them.

    Attributes:
        pattern: regular expression for the whole text.
        shape: `pattern` in words.
        longest: most characters; None where the vendor names no limit.
    """

    pattern: str = ".+"
    shape: str = "a text that is not empty"
    longest: int | None = None

    @property
    @override
    def expected(self) -> str:
        return f"a text of 1 to {self.longest} characters" if self.longest else self.shape

    @override
    def fits(self, value: object) -> bool:
        if not isinstance(value, str) or len(value) > (self.longest or len(value)):
            return False
        return re.fullmatch(self.pattern, value) is not None

    @override
    def _told(self, value: object) -> str:
        return "" if isinstance(value, str) else super(Text, self)._told(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment(Text):
    """Text that becomes exactly one segment of the path.

    Encoding alone does not ensure that: the signature is over the decoded path, and gateways differ in how often they
    decode.
    """

    in_path: ClassVar[bool] = True

    pattern: str = r"(?!\.{1,2}\Z)[^/\\%?#;]+"
    shape: str = r"a text without any of / \ % ? # ; and neither . nor .."


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Parameter):
    """One of the values that the vendor lists, each a text or a number as in its list."""

    allowed: tuple[str, ...] | tuple[int, ...]

    @override
    def _told(self, value: object) -> str:
        return f", not {quoted(value)}"

    @property
    @override
    def expected(self) -> str:
        *others, last = map(quoted, self.allowed)
        return f"{', '.join(others)} or {last}" if others else last

    @override
    def fits(self, value: object) -> bool:
        # True equals 1, but the vendor does not accept it for 1.
        return isinstance(value, type(self.allowed[0])) and not isinstance(value, bool) and value in self.allowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices(Choice):
    """Some of the texts that the vendor lists, joined by commas into one text."""

    @property
    @override
    def expected(self) -> str:
        return f"one or more of {', '.join(map(quoted, self.allowed))}, joined by commas"

    @override
    def fits(self, value: object) -> bool:
        chosen = value.split(",") if isinstance(value, str) else []
        return bool(chosen) and set(chosen) <= set(self.allowed) and len(set(chosen)) == len(chosen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Integer(Parameter):
    """Whole number; a number in quotes, a fraction or a boolean is refused."""

    minimum: int = 0
    maximum: int = LARGEST_INTEGER

    @property
    @override
    def expected(self) -> str:
        return f"a whole number from {self.minimum} to {self.maximum}"

    @override
    def fits(self, value: object) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and self.minimum <= value <= self.maximum


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag(Parameter):
    """JSON boolean; a text such as "true" is refused."""

    @property
    @override
    def expected(self) -> str:
        return "true or false"

    @override
    def fits(self, value: object) -> bool:
        return isinstance(value, bool)


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts(Parameter):
    """List of texts. An empty one is refused: in a query it would disappear, and the export would be unfiltered."""

    max_items: int | None = None

    @property
    @override
    def expected(self) -> str:
        return f"a list of 1 to {self.max_items} texts" if self.max_items else "a list of at least one text"

    @override
    def fits(self, value: object) -> bool:
        if not isinstance(value, list) or not 0 < len(value) <= (self.max_items or len(value)):
            return False
        return all(isinstance(item, str) and item for item in value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Time(Parameter):
    """Moment in ISO 8601 as the vendor writes it; UTC where no offset is given."""

    form: ClassVar[re.Pattern[str]] = _TIME

    @property
    @override
    def expected(self) -> str:
        return "a time such as 2026-11-20T00:00:00 or 2026-11-20T00:00:00+08:00"

    @override
    def fits(self, value: object) -> bool:
        if not isinstance(value, str) or not self.form.fullmatch(value):
            return False
        try:
            datetime.fromisoformat(value)
        except ValueError:
            return False
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class UtcMoment(Time):
    """Moment in UTC, in the format of most bounds."""

    form: ClassVar[re.Pattern[str]] = _UTC_TIME

    @property
    @override
    def expected(self) -> str:
        return "a UTC time such as 2026-11-20T00:00:00Z"


def _is_sendable(value: object) -> bool:
    """Return False for a text with a control character or a lone surrogate.

    Control characters come from pasting and match nothing; a lone surrogate has no encoding.
    """
    return not isinstance(value, str) or all(unicodedata.category(character) not in _UNSENDABLE for character in value)
