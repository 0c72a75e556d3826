"""What a parameter of an export may hold, and which parameters depend on each other."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

from typing_extensions import override

from workspace_exports.quoting import quoted

Filters = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter(ABC):
    """One parameter, by the vendor's own name."""

    name: str
    meaning: str
    mandatory: bool = False

    @abstractmethod
    def problem(self, value: object) -> str | None:
        """Why this value cannot be sent, or None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Parameter):
    """Free text, or one of the allowed words."""

    allowed: tuple[str, ...] = ()

    @override
    def problem(self, value: object) -> str | None:
        if not isinstance(value, str) or not value:
            return f"{self.name} must be a text that is not empty, not {quoted(value)}"
        if self.allowed and value not in self.allowed:
            return f"{self.name} must be {' or '.join(self.allowed)}, not {quoted(value)}"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Integer(Parameter):
    """A whole number, no smaller than `minimum`."""

    minimum: int = 0

    @override
    def problem(self, value: object) -> str | None:
        if not isinstance(value, int) or isinstance(value, bool) or value < self.minimum:
            return f"{self.name} must be a whole number of at least {self.minimum}, not {quoted(value)}"
        return None


class Dependency(ABC):
    """A rule over more than one parameter."""

    @abstractmethod
    def problem(self, filters: Filters) -> str | None:
        """Why these values do not go together, or None."""


@dataclass(frozen=True, slots=True)
class Needs(Dependency):
    """`name` means nothing without `other`."""

    name: str
    other: str

    @override
    def problem(self, filters: Filters) -> str | None:
        if self.name in filters and self.other not in filters:
            return f"{self.name} needs {self.other}: add {self.other} or leave {self.name} out"
        return None


@dataclass(frozen=True, slots=True)
class NotAbove(Dependency):
    """`lower` is at most `upper`."""

    lower: str
    upper: str

    @override
    def problem(self, filters: Filters) -> str | None:
        low, high = filters.get(self.lower), filters.get(self.upper)
        if isinstance(low, int) and isinstance(high, int) and low > high:
            return f"{self.lower} {low} is above {self.upper} {high}: swap them"
        return None
