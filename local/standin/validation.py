"""Reading a call by the letter of its operation; stricter than the vendor, so that mistakes surface in tests."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime

from local.standin.messages import JSON_TYPE, Call
from local.standin.parameters import Operation, Parameter, Type, Value
from local.standin.refusals import empty_body, invalid
from local.standin.windows import parse_milliseconds, parse_utc


def checked_parameters(operation: Operation, call: Call) -> dict[str, Value]:
    """Answer the call's parameters as typed values, or refuse the first one that breaks a rule."""
    found = _from_body(operation, call) if operation.carried_in == "body" else _from_query(operation, call)
    for parameter in operation.parameters:
        if parameter.name in found:
            _check_limits(parameter, found[parameter.name])
        elif parameter.mandatory:
            raise invalid(parameter.name, "it is mandatory")
    _check_relations(operation, found)
    return found


def _from_query(operation: Operation, call: Call) -> dict[str, Value]:
    if call.body:
        raise invalid("body", "this operation takes none")
    gathered: dict[str, list[str]] = {}
    for name, value in call.query:
        gathered.setdefault(name, []).append(value)
    declared = _declared(operation, gathered)
    return {name: _read_query(declared[name], values) for name, values in gathered.items()}


def _from_body(operation: Operation, call: Call) -> dict[str, Value]:
    for name, _ in call.query:
        raise invalid(name, "this operation takes its parameters in the body")
    if not call.body:
        raise empty_body()
    if not (call.header("Content-Type") or "").lower().startswith(JSON_TYPE):
        raise invalid("Content-Type", f"it must be {JSON_TYPE}")
    content = json_object(call.body)
    declared = _declared(operation, content)
    return {name: _read_json(declared[name], value) for name, value in content.items()}


def json_object(body: bytes) -> dict[str, object]:
    """Answer the object in a body; anything else is refused."""
    try:
        content = json.loads(body)
    except ValueError as error:
        raise invalid("body", "it is not JSON") from error
    if not isinstance(content, dict):
        raise invalid("body", "it is not a JSON object")
    return content


def _declared(operation: Operation, found: Mapping[str, object]) -> dict[str, Parameter]:
    declared = {parameter.name: parameter for parameter in operation.parameters}
    for name in found:
        if name not in declared:
            raise invalid(name, f"{operation.name} has no such parameter")
    return declared


def _query_integer(written: str) -> int:
    if not re.fullmatch(r"-?\d+", written, re.ASCII):
        raise ValueError(written)
    return int(written)


def _query_boolean(written: str) -> bool:
    return {"true": True, "false": False}[written]


_QUERY_READERS: dict[Type, Callable[[str], Value]] = {Type.INTEGER: _query_integer, Type.BOOLEAN: _query_boolean}


def _read_query(parameter: Parameter, values: list[str]) -> Value:
    if parameter.type is Type.TEXTS:
        return values
    if len(values) > 1:
        raise invalid(parameter.name, "it is given more than once")
    try:
        return _QUERY_READERS.get(parameter.type, str)(values[0])
    except (ValueError, KeyError) as error:
        raise invalid(parameter.name, f"it must be {parameter.type.value}") from error


def _read_json(parameter: Parameter, value: object) -> Value:
    match parameter.type, value:
        case Type.BOOLEAN, bool():
            return value
        case Type.INTEGER, int() if not isinstance(value, bool):
            return value
        case Type.TEXTS, list() if all(isinstance(item, str) for item in value):
            return value
        case ((Type.TEXT | Type.UTC_TIME | Type.UTC_MILLISECONDS | Type.ISO_TIME), str()):
            return value
    raise invalid(parameter.name, f"it must be {parameter.type.value}")


_TIME_READERS: dict[Type, Callable[[str], datetime]] = {
    Type.UTC_TIME: parse_utc,
    Type.UTC_MILLISECONDS: parse_milliseconds,
    Type.ISO_TIME: datetime.fromisoformat,
}


def _check_limits(parameter: Parameter, value: Value) -> None:
    match value:
        case list():
            _check_items(parameter, value)
        case str():
            _check_text(parameter, value)
        case int():
            _check_number(parameter, value)
    given = str(value).split(",") if parameter.joined else [value]
    if parameter.allowed and not all(item in parameter.allowed for item in given):
        raise invalid(parameter.name, f"it must be one of {', '.join(map(str, parameter.allowed))}")


def _check_items(parameter: Parameter, items: list[str]) -> None:
    if parameter.max_items is not None and len(items) > parameter.max_items:
        raise invalid(parameter.name, f"it takes at most {parameter.max_items} items")
    if len(items) < parameter.min_items:
        raise invalid(parameter.name, f"it takes at least {parameter.min_items} items")
    if parameter.min_items and len(set(items)) < len(items):
        raise invalid(parameter.name, "its items must be unique")
    for item in items:
        _check_text(parameter, item)


def _check_text(parameter: Parameter, value: str) -> None:
    if parameter.pattern and not re.fullmatch(parameter.pattern, value):
        raise invalid(parameter.name, f"it must match {parameter.pattern}")
    if parameter.longest and not 1 <= len(value) <= parameter.longest:
        raise invalid(parameter.name, f"it takes 1 to {parameter.longest} characters")
    if reader := _TIME_READERS.get(parameter.type):
        try:
            reader(value)
        except ValueError as error:
            raise invalid(parameter.name, f"it must be {parameter.type.value}") from error


def _check_number(parameter: Parameter, value: int) -> None:
    if parameter.minimum is not None and value < parameter.minimum:
        raise invalid(parameter.name, f"it must be at least {parameter.minimum}")
    if parameter.maximum is not None and value > parameter.maximum:
        raise invalid(parameter.name, f"it must be at most {parameter.maximum}")


def _check_relations(operation: Operation, found: Mapping[str, Value]) -> None:
    if "sort_type" in found and "sort_field" not in found:
        raise invalid("sort_type", "it must be used together with sort_field")
    for low_name, high_name in operation.ordered:
        low, high = found.get(low_name), found.get(high_name)
        if isinstance(low, int) and isinstance(high, int) and low > high:
            raise invalid(high_name, f"it is less than {low_name}")
