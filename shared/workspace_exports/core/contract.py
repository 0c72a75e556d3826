"""Base classes of all contracts, and the types of their fields."""

import re
from datetime import date, datetime
from typing import Annotated, ClassVar, Protocol, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, StringConstraints, WithJsonSchema

from workspace_exports.core.clock import from_wire, to_wire
from workspace_exports.core.redaction import quoted

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Contract(BaseModel):
    """Frozen model that refuses unknown fields: a misspelt filter must not become an unfiltered export.

    Validators are built at their first use, because no function uses all contracts that it imports.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    result_log_fields: ClassVar[frozenset[str]] = frozenset()
    """Fields of a result that go into the log."""

    @property
    def log_fields(self) -> dict[str, str]:
        """Facts about this contract for logs and errors; never a filter's value, which may be a person's name."""
        return {}

    @property
    def known_correlation_id(self) -> str | None:
        """Correlation id of the run or export that this belongs to; None if it names none."""
        return getattr(self, "correlation_id", None)

    def with_correlation_id(self, _call_id: str) -> Self:
        """Return this contract unchanged; a subclass that begins a chain takes the call's id where it names none."""
        return self


class Record(Contract):
    """Contract of an object in the archive. A version of this bundle reads records that another version has written."""

    @classmethod
    def read(cls, content: bytes) -> Self:
        """Return the record; fields that a later version has added are ignored at every depth.

        Raises:
            ValidationError: the content is no such record.
        """
        return cls.model_validate_json(content, extra="ignore")


def _time(value: object) -> datetime:
    return value if isinstance(value, datetime) else from_wire(str(value))


def _day(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        if not _DAY.fullmatch(str(value)):
            raise ValueError  # noqa: TRY301 - both ways to be wrong share one sentence
        return date.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f"must be a day such as 2026-11-20, not {quoted(value)}") from None


UtcTime = Annotated[
    datetime,
    BeforeValidator(_time),
    PlainSerializer(to_wire, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$"}),
]
Day = Annotated[date, BeforeValidator(_day)]
# Project and task ids become parts of the vendor's paths and of our keys.
NAME = r"^[A-Za-z0-9_-]{1,64}$"
REGION = r"^[a-z]{2}-[a-z]+-\d{1,3}$"
ProjectId = Annotated[str, StringConstraints(pattern=NAME)]
TaskId = Annotated[str, StringConstraints(pattern=NAME)]
CORRELATION_ID = r"^[A-Za-z0-9._-]{1,128}$"
CorrelationId = Annotated[str, StringConstraints(pattern=CORRELATION_ID)]


class _Range(Protocol):
    @property
    def first_day(self) -> date | None: ...
    @property
    def last_day(self) -> date | None: ...


RangeT = TypeVar("RangeT", bound=_Range)


def check_day_range(asked_for: RangeT) -> RangeT:
    """Return the contract if its first day is not after its last day.

    Raises:
        ValueError: the first day is after the last day.
    """
    if asked_for.first_day and asked_for.last_day and asked_for.first_day > asked_for.last_day:
        raise ValueError(f"first_day {asked_for.first_day} is after last_day {asked_for.last_day}: swap them")
    return asked_for
