"""Rules about parameters of an export that depend on each other."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from typing_extensions import override

from workspace_exports.core.redaction import quoted
from workspace_exports.exports.parameters import Filters


class Dependency(ABC):
    """Rule about more than one parameter. Its `str` is the rule in the words of the documentation."""

    @property
    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """Names of the parameters in the rule."""

    @abstractmethod
    def problem(self, filters: Filters) -> str | None:
        """Return the reason why the values break the rule; None if they do not."""


@dataclass(frozen=True, slots=True)
class Needs(Dependency):
    """Rule that `name` has no meaning without `other`."""

    name: str
    other: str

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return self.name, self.other

    @override
    def problem(self, filters: Filters) -> str | None:
        if self.name in filters and self.other not in filters:
            return f"{self.name} needs {self.other}: add {self.other} or leave {self.name} out"
        return None

    def __str__(self) -> str:
        return f"`{self.name}` needs `{self.other}`"


@dataclass(frozen=True, slots=True)
class NeedsTrue(Dependency):
    """Rule that `name` has no meaning unless `flag` is true."""

    name: str
    flag: str

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return self.name, self.flag

    @override
    def problem(self, filters: Filters) -> str | None:
        if self.name in filters and filters.get(self.flag) is not True:
            return f"{self.name} needs {self.flag} to be true: set it or leave {self.name} out"
        return None

    def __str__(self) -> str:
        return f"`{self.name}` needs `{self.flag}` to be true"


@dataclass(frozen=True, slots=True)
class NotAbove(Dependency):
    """Rule that `lower` is at most `upper`."""

    lower: str
    upper: str

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return self.lower, self.upper

    @override
    def problem(self, filters: Filters) -> str | None:
        low, high = filters.get(self.lower), filters.get(self.upper)
        if isinstance(low, int) and isinstance(high, int) and low > high:
            return f"{self.lower} {quoted(low)} is above {self.upper} {quoted(high)}: swap them"
        return None

    def __str__(self) -> str:
        return f"`{self.lower}` is at most `{self.upper}`"


@dataclass(frozen=True, slots=True)
class NotTogether(Dependency):
    """Rule against `ignored` with `other`: the vendor would ignore the first, which a caller does not expect."""

    ignored: str
    other: str

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return self.ignored, self.other

    @override
    def problem(self, filters: Filters) -> str | None:
        if self.ignored in filters and self.other in filters:
            return f"{self.ignored} is ignored together with {self.other}: leave one of them out"
        return None

    def __str__(self) -> str:
        return f"`{self.ignored}` and `{self.other}` exclude each other"
