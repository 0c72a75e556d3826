"""Differences between the declarations of exports and the operations of the vendor's SDK."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum
from itertools import chain

from local.sdk.operations import Operation
from local.sdk.operations import Parameter as Described
from workspace_exports.exports import NO_FILTERS, Export, Window
from workspace_exports.exports.deliveries import PagedList
from workspace_exports.exports.parameters import Integer, Parameter, Text, Time
from workspace_exports.exports.windows import Bounds


class Finding(Enum):
    """Kinds of difference."""

    NOT_DECLARED = "is in the SDK, and no declaration has it"
    NOT_IN_SDK = "is declared, and the SDK does not have it"
    METHOD = "has another method"
    PATH = "has another path"
    CONTENT_TYPE = "has another content type"
    PLACE = "is in the path on one side only"
    TYPE = "has another type"
    MANDATORY = "is mandatory on one side only"
    VALUE_REFUSED = "takes a value in the SDK that the declaration refuses"
    VALUE_UNKNOWN = "takes a value in the declaration that the SDK does not list"
    LIMIT = "has another limit"


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference in an operation, or in one of its parameters.

    Attributes:
        operation: the vendor's name for it.
        parameter: None if the operation as a whole differs.
        finding: kind of difference.
        detail: both sides.
    """

    operation: str
    parameter: str | None
    finding: Finding
    detail: str

    def __str__(self) -> str:
        subject = f"{self.operation}, {self.parameter}" if self.parameter else self.operation
        return f"{subject}: {self.finding.value}: {self.detail}"


def find_differences(exports: Iterable[Export], operations: Iterable[Operation]) -> list[Difference]:
    """All differences, by operation."""
    described = {operation.name: operation for operation in operations}
    declared = {export.operation: export for export in exports}
    found = chain(
        (_undeclared(one) for one in described.values() if one.is_export and one.name not in declared),
        (_vanished(one) for one in declared.values() if one.operation not in described),
        *(_in_operation(export, described[name]) for name, export in declared.items() if name in described),
    )
    return sorted(found, key=lambda one: (one.operation, one.parameter or "", one.finding.name))


def _undeclared(operation: Operation) -> Difference:
    answer = "a task" if operation.makes_a_task else "no task"
    detail = f"{operation.method} {operation.path}, answers {answer} ({operation.package})"
    return Difference(operation.name, None, Finding.NOT_DECLARED, detail)


def _vanished(export: Export) -> Difference:
    return Difference(export.operation, None, Finding.NOT_IN_SDK, f"{export.kind}, {export.method} {export.path}")


def _in_operation(export: Export, operation: Operation) -> Iterator[Difference]:
    both = (
        (Finding.METHOD, export.method, operation.method),
        (Finding.PATH, export.path, operation.path),
        (Finding.CONTENT_TYPE, export.content_type, operation.content_type.lower()),
    )
    for finding, ours, theirs in both:
        if ours != theirs:
            yield Difference(operation.name, None, finding, f"declared {ours}, SDK {theirs}")
    described = {one.name: one for one in operation.parameters}
    declared = {one.name: one for one in (*_bounds(export), *_paging(export), *export.parameters)}
    for name in described.keys() - declared.keys():
        yield Difference(operation.name, name, Finding.NOT_DECLARED, described[name].type)
    for name in declared.keys() - described.keys():
        yield Difference(operation.name, name, Finding.NOT_IN_SDK, declared[name].meaning)
    for name in declared.keys() & described.keys():
        for finding, detail in _in_parameter(declared[name], described[name], operation.path):
            yield Difference(operation.name, name, finding, detail)


def _bounds(export: Export) -> Iterator[Parameter]:
    """The bounds of the window, which are no filters, as parameters."""
    if export.window.has_days:
        names = export.wire_parameters(Window.of_day(date(2026, 11, 20)), NO_FILTERS).keys()
        for name in names - export.resolved(NO_FILTERS).keys():
            yield Time(name=name, meaning="bound of the window", mandatory=export.window.bounds is Bounds.BOTH)


def _paging(export: Export) -> Iterator[Parameter]:
    """The parameters that page a list, which are no filters either."""
    if isinstance(export.delivery, PagedList):
        yield Integer(name="offset", meaning="rows to pass over")
        yield Integer(name="limit", meaning="rows of a page", maximum=export.delivery.longest_page)


Found = tuple[Finding, str]


def _in_parameter(ours: Parameter, theirs: Described, path: str) -> Iterator[Found]:
    if ours.in_path != (f"{{{theirs.name}}}" in path):
        yield Finding.PLACE, path
    if ours.mandatory != theirs.mandatory:
        yield Finding.MANDATORY, f"declared {_yes(ours.mandatory)}, SDK {_yes(theirs.mandatory)}"
    sample = _SAMPLES.get(theirs.type)
    if sample is None or not any(ours.fits(one) for one in sample.examples(theirs)):
        yield Finding.TYPE, f"declared {ours.expected}, SDK {theirs.type}"
        return
    yield from _in_values(ours, theirs, sample)
    if not theirs.values:
        yield from _in_limits(ours, theirs, sample)


def _in_values(ours: Parameter, theirs: Described, sample: "_Sample") -> Iterator[Found]:
    values = [sample.value(text) for text in theirs.values]
    yield from ((Finding.VALUE_REFUSED, repr(one)) for one in values if not ours.fits(one))
    allowed = getattr(ours, "allowed", ())
    yield from ((Finding.VALUE_UNKNOWN, repr(one)) for one in allowed if values and one not in values)
    if values and isinstance(ours, Text) and ours.fits("no-such-value"):
        yield Finding.VALUE_UNKNOWN, f"any text, while the SDK lists {', '.join(theirs.values)}"


def _in_limits(ours: Parameter, theirs: Described, sample: "_Sample") -> Iterator[Found]:
    """Limits as the declaration keeps them: the last good size must fit, the next must not."""
    least, most = theirs.least, theirs.most
    for limit, beyond in ((least, -1), (most, +1)):
        if limit is None or (limit + beyond < 0 and theirs.type != "int"):
            continue
        if not ours.fits(sample.sized(limit)):
            yield Finding.LIMIT, f"the SDK takes {limit}, the declaration only {ours.expected}"
        if ours.fits(sample.sized(limit + beyond)):
            yield Finding.LIMIT, f"the SDK takes no {limit + beyond}, the declaration {ours.expected}"


@dataclass(frozen=True, slots=True)
class _Sample:
    """Values of one of the SDK's types.

    Attributes:
        value: from a value's text in the description.
        sized: of a size: a number, a length or a count.
        plain: any of these fits an ordinary declaration of the type.
    """

    value: Callable[[str], object]
    sized: Callable[[int], object]
    plain: tuple[object, ...]

    def examples(self, parameter: Described) -> Iterator[object]:
        """Values of which a declaration of that type takes at least one."""
        yield from self.plain
        yield from map(self.value, parameter.values)
        yield from (self.sized(size) for size in (parameter.least, parameter.most) if size is not None)


_TIMES = ("2026-11-20T00:00:00", "2026-11-20T00:00:00Z", "2026-11-20T00:00:00.000Z")

_SAMPLES = {
    "str": _Sample(str, "a".__mul__, ("a", "key=value", *_TIMES)),
    "datetime": _Sample(str, "a".__mul__, _TIMES),
    "int": _Sample(int, int, (1,)),
    "bool": _Sample("true".__eq__, bool, (True,)),
    "list[str]": _Sample(lambda text: [text], ["a"].__mul__, (["a"],)),
}


def _yes(mandatory: bool) -> str:  # noqa: FBT001 - the only argument
    return "mandatory" if mandatory else "optional"
