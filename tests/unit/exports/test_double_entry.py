"""The product's declarations against the stand-in's, two readings of the vendor's pages made independently.

Three differences are meant, and named here:
- the stand-in takes the window's bounds for parameters, the product keeps them apart;
- `group_id` is a parameter to the product and a place in the path to the stand-in;
- the vendor takes an empty `desktop_type` for "all"; the product wants it left out, which is one way to say it.
The product is also stricter where a value cannot mean anything: negative numbers, empty or unprintable texts.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.standin.messages import Call
from local.standin.operations import EXPORTS as STAND_IN_EXPORTS
from local.standin.operations import USER_EVENTS
from local.standin.parameters import Bounds as StandInBounds
from local.standin.parameters import Parameter as StandInParameter
from local.standin.parameters import Type
from local.standin.routes import find_route
from local.standin.validation import checked_parameters
from tests.support.builders.examples import NOW, past_window, request_sent
from tests.support.builders.filters import NEEDED
from workspace_exports.exports import EXPORTS, Export
from workspace_exports.exports.deliveries import TASK_FILE
from workspace_exports.exports.dependencies import NotAbove
from workspace_exports.exports.parameters import Choice, Choices, Flag, Integer, Parameter, Text, Texts, Time, UtcMoment
from workspace_exports.exports.windows import Bounds

STAND_IN = {**STAND_IN_EXPORTS, USER_EVENTS.name: USER_EVENTS}
PAGING = ("offset", "limit")
TYPES = {
    Text: Type.TEXT,
    Integer: Type.INTEGER,
    Flag: Type.BOOLEAN,
    Texts: Type.TEXTS,
    Time: Type.ISO_TIME,
    UtcMoment: Type.UTC_TIME,
}
BOUNDS = {StandInBounds[bounds.name]: bounds for bounds in Bounds if bounds is not Bounds.NONE}
PRECISIONS: dict[Type, str] = {Type.UTC_TIME: "seconds", Type.UTC_MILLISECONDS: "milliseconds"}


def bound_names(kind: str) -> tuple[str, ...]:
    window = STAND_IN[kind].window
    return (window.start, window.end) if window else ()


def ours(kind: str) -> dict[str, Parameter]:
    return {p.name: p for p in EXPORTS[kind].parameters if not p.in_path}


def theirs(kind: str) -> dict[str, StandInParameter]:
    apart = bound_names(kind) + (() if EXPORTS[kind].delivery is TASK_FILE else PAGING)
    return {p.name: p for p in STAND_IN[kind].parameters if p.name not in apart}


def type_of(parameter: Parameter) -> Type:
    if isinstance(parameter, Choice):
        return Type.TEXT if isinstance(parameter.allowed[0], str) else Type.INTEGER
    return TYPES[type(parameter)]


def test_both_know_the_same_kinds() -> None:
    assert set(EXPORTS) == set(STAND_IN)


@pytest.mark.parametrize("kind", EXPORTS)
class TestBothAgree:
    def test_on_the_call(self, kind: str) -> None:
        export, operation = EXPORTS[kind], STAND_IN[kind]
        assert (export.method, export.path) == (operation.method, operation.path)
        assert (export.method == "POST") is (operation.carried_in == "body")

    def test_on_the_window(self, kind: str) -> None:
        rule, window = EXPORTS[kind].window, STAND_IN[kind].window
        assert rule.has_days is (window is not None)
        if window:
            assert (rule.last_days, rule.bounds) == (window.days, BOUNDS[window.bounds])
            assert (rule.form.start_name, rule.form.end_name) == (window.start, window.end)
            types = {p.type for p in STAND_IN[kind].parameters if p.name in bound_names(kind)}
            assert {PRECISIONS[found] for found in types} == {rule.form.precision}

    def test_on_the_service_and_its_limit(self, kind: str) -> None:
        export, operation = EXPORTS[kind], STAND_IN[kind]
        assert (export.service, export.limit_class) == (operation.service, operation.limit_class)

    def test_on_names_types_and_what_is_mandatory(self, kind: str) -> None:
        assert {name: (type_of(p), p.mandatory) for name, p in ours(kind).items()} == {
            name: (p.type, p.mandatory) for name, p in theirs(kind).items()
        }

    def test_on_allowed_values(self, kind: str) -> None:
        assert {name: set(p.allowed) for name, p in ours(kind).items() if isinstance(p, Choice)} == {
            name: set(p.allowed) - {""} for name, p in theirs(kind).items() if p.allowed
        }

    def test_on_the_size_of_lists(self, kind: str) -> None:
        assert {name: p.max_items for name, p in ours(kind).items() if isinstance(p, Texts)} == {
            name: p.max_items for name, p in theirs(kind).items() if p.type is Type.TEXTS
        }

    def test_on_the_length_of_texts(self, kind: str) -> None:
        assert {name: p.longest for name, p in ours(kind).items() if isinstance(p, Text)} == {
            name: p.longest for name, p in theirs(kind).items() if p.type is Type.TEXT and not p.allowed
        }

    def test_on_which_values_are_joined(self, kind: str) -> None:
        assert {name for name, p in ours(kind).items() if isinstance(p, Choices)} == {
            name for name, p in theirs(kind).items() if p.joined
        }

    def test_on_which_texts_have_a_shape(self, kind: str) -> None:
        assert {name for name, p in ours(kind).items() if isinstance(p, Text) and p.pattern != ".+"} == {
            name for name, p in theirs(kind).items() if p.pattern
        }

    def test_on_pairs_of_limits(self, kind: str) -> None:
        rules = EXPORTS[kind].dependencies
        assert {rule.names for rule in rules if isinstance(rule, NotAbove)} == set(STAND_IN[kind].ordered)

    def test_on_sorting(self, kind: str) -> None:
        rules = {rule.names for rule in EXPORTS[kind].dependencies}
        assert (("sort_type", "sort_field") in rules) is ("sort_type" in theirs(kind))


TEXTS = st.text(max_size=25) | st.sampled_from(["k=v w", "a+b&c=d%2F", "张三", "😀 x", "x" * 20])
ANYTHING = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | st.lists(TEXTS, max_size=3)


def plausible(parameter: Parameter) -> st.SearchStrategy[Any]:
    """Values of about the right kind; what does not fit after all is dropped by the caller."""
    return next((make(parameter) for kind, make in PLAUSIBLE.items() if isinstance(parameter, kind)), TEXTS)


PLAUSIBLE: dict[type[Parameter], Callable[[Any], st.SearchStrategy[Any]]] = {
    Choices: lambda choices: st.lists(st.sampled_from(choices.allowed), min_size=1, unique=True).map(",".join),
    Choice: lambda choice: st.sampled_from(choice.allowed),
    Integer: lambda integer: st.integers(integer.minimum, integer.maximum),
    Flag: lambda _: st.booleans(),
    Texts: lambda _: st.lists(TEXTS, min_size=1, max_size=4) | st.just(["x"] * 100),
    UtcMoment: lambda _: st.datetimes().map(lambda moment: f"{_written(moment)}Z"),
    Time: lambda _: st.datetimes().map(_written),
}


@st.composite
def accepted_filters(draw: st.DrawFn, export: Export) -> dict[str, Any]:
    """Filters the product lets through: plausible ones and nonsense are offered, what it refuses is taken out."""
    offered = {p.name: draw(plausible(p) | ANYTHING) for p in export.parameters if draw(st.booleans())}
    fitting = {
        p.name: offered[p.name] for p in export.parameters if p.name in offered and not p.problem(offered[p.name])
    }
    filters = NEEDED.get(export.kind, {}) | fitting
    for rule in export.dependencies:
        if rule.problem(filters):
            del filters[rule.names[0]]
    assert export.problems(past_window(export.kind), filters, NOW) == []
    return filters


@pytest.mark.check
@pytest.mark.parametrize("kind", EXPORTS)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_what_we_accept_the_stand_in_accepts_and_reads_as_we_meant_it(kind: str, data: st.DataObject) -> None:
    filters = data.draw(accepted_filters(EXPORTS[kind]))
    request = request_sent(kind, filters)
    call = Call(
        method=request.method,
        target=request.url.raw_path.decode(),
        headers=tuple(request.headers.items()),
        body=request.content,
    )
    route = find_route(call)
    assert route is not None
    assert route.operation is STAND_IN[kind]
    places = {name: place for name, place in route.places.items() if name != "project_id"}
    read = checked_parameters(route.operation, call)
    found = {name: value for name, value in read.items() if name not in bound_names(kind)} | places
    assert _unordered(found) == _unordered(EXPORTS[kind].resolved(filters))


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _unordered(parameters: dict[str, Any]) -> dict[str, Any]:
    """A query is sorted by value, and no list here has an order that matters."""
    return {name: sorted(value) if isinstance(value, list) else value for name, value in parameters.items()}
