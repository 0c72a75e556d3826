"""What a parameter of an export may hold."""

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
"""What a signed field of 32 bits holds: the vendor names no limits, and nobody's latency or count is beyond it."""

_UNSENDABLE = {"Cc", "Cs"}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([+-]\d\d:\d\d)?", re.ASCII)


_IN_WORDS: tuple[tuple[type, str], ...] = ((str, "a text"), (list, "a list"), (dict, "an object"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter(ABC):
    """One parameter, by the vendor's own name.

    Attributes:
        name: as on the wire.
        meaning: what the vendor's page says of it, in short.
        mandatory: whether the vendor refuses an order without it.
        default: the value that leaving it out stands for. Optional: the vendor documents it, and nothing is sent.
            Mandatory: ours, and it is sent.
    """

    in_path: ClassVar[bool] = False

    name: str
    meaning: str
    mandatory: bool = False
    default: str | None = None

    @property
    @abstractmethod
    def expected(self) -> str:
        """What a value must be, in the words of errors and documentation."""

    @abstractmethod
    def fits(self, value: object) -> bool:
        """Whether it is what is expected."""

    def problem(self, value: object) -> str | None:
        """Why this value cannot be sent, or None."""
        if value is None:
            return f"{self.name} is null: give it a value or leave it out"
        if not all(map(_is_sendable, value if isinstance(value, list) else [value])):
            return f"{self.name} holds a control character or half a character: take it out"
        return None if self.fits(value) else f"{self.name} must be {self.expected}{self._told(value)}"

    def _told(self, value: object) -> str:
        """The value, unless it is text: that may be a person's name, and errors are logged."""
        if isinstance(value, int | float):
            return f", not {quoted(value)}"
        return next((f", not {words}" for kind, words in _IN_WORDS if isinstance(value, kind)), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Parameter):
    """Free text; limits only where the vendor documents them, with `shape` saying in words what `pattern` demands."""

    pattern: str = ".+"
    shape: str = "a text that is not empty"

    @property
    @override
    def expected(self) -> str:
        return self.shape

    @override
    def fits(self, value: object) -> bool:
        return isinstance(value, str) and re.fullmatch(self.pattern, value) is not None

    @override
    def _told(self, value: object) -> str:
        return "" if isinstance(value, str) else super(Text, self)._told(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment(Text):
    """A text that becomes one segment of the path, and must not become more or less than one.

    Encoding alone would not do: the signature is over the decoded path, and gateways differ in how often they decode.
    """

    in_path: ClassVar[bool] = True

    pattern: str = r"(?!\.{1,2}\Z)[^/\\%?#;]+"
    shape: str = r"a text without any of / \ % ? # ; and neither . nor .."


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Parameter):
    """One of the values the vendor lists: text or number, as it lists them."""

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
        # True equals 1, and is not what the vendor means by 1.
        return isinstance(value, type(self.allowed[0])) and not isinstance(value, bool) and value in self.allowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Integer(Parameter):
    """A whole number; a number in quotes, a fraction or a boolean is not one."""

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
    """A JSON boolean; a word for one is refused."""

    @property
    @override
    def expected(self) -> str:
        return "true or false"

    @override
    def fits(self, value: object) -> bool:
        return isinstance(value, bool)


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts(Parameter):
    """A list of texts. An empty one is refused: in a query it would vanish, and the export would be unfiltered."""

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
    """A moment in ISO 8601 as the vendor writes it; UTC where no offset is given."""

    @property
    @override
    def expected(self) -> str:
        return "a time such as 2026-11-20T00:00:00 or 2026-11-20T00:00:00+08:00"

    @override
    def fits(self, value: object) -> bool:
        if not isinstance(value, str) or not _TIME.fullmatch(value):
            return False
        try:
            datetime.fromisoformat(value)
        except ValueError:
            return False
        return True


def _is_sendable(value: object) -> bool:
    """Control characters come from pasting and match nothing; a lone surrogate has no encoding at all."""
    return not isinstance(value, str) or all(unicodedata.category(character) not in _UNSENDABLE for character in value)
