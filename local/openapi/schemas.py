"""JSON Schemas of the contracts, as they are on the wire."""

from collections.abc import Iterable
from typing import Any

from pydantic.json_schema import models_json_schema

from workspace_exports.core.contract import Contract
from workspace_exports.exports import EXPORTS, Export
from workspace_exports.exports.parameters import Choice, Flag, Integer, Parameter, Text, Texts, Time

Schema = dict[str, Any]

_TEMPLATE = "#/components/schemas/{model}"
_NULL = {"type": "null"}


def reference(contract: type[Contract]) -> Schema:
    """Where the contract's schema is in the document."""
    return {"$ref": _TEMPLATE.format(model=contract.__name__)}


def schemas(contracts: Iterable[type[Contract]]) -> dict[str, Schema]:
    """Those of the contracts and of all they are made of, by name."""
    _, found = models_json_schema([(contract, "serialization") for contract in contracts], ref_template=_TEMPLATE)
    return {name: _on_the_wire(schema) for name, schema in sorted(found["$defs"].items())}


def filters() -> list[Schema]:
    """What a request's filters may be, kind by kind."""
    return [
        {"if": {"properties": {"kind": {"const": kind}}}, "then": {"properties": {"filters": _filters(export)}}}
        for kind, export in EXPORTS.items()
    ]


def _on_the_wire(schema: Schema) -> Schema:
    """What is None is left out of every answer, and titles say no more than the names they are made from."""
    schema.pop("title", None)
    properties: dict[str, Schema] = schema.get("properties", {})
    may_be_absent = {name for name, one in properties.items() if _NULL in one.get("anyOf", [])}
    for name, one in properties.items():
        one.pop("title", None)
        if name in may_be_absent:
            (something,) = (option for option in one.pop("anyOf") if option != _NULL)
            one.pop("default", None)
            properties[name] = something | one
    schema["required"] = [name for name in schema.get("required", []) if name not in may_be_absent]
    return {name: value for name, value in schema.items() if value != []}


def _filters(export: Export) -> Schema:
    mandatory = [one.name for one in export.parameters if one.mandatory and one.default is None]
    required: Schema = {"required": mandatory} if mandatory else {}
    properties = {one.name: _parameter(one) | {"description": one.meaning} for one in export.parameters}
    return {"type": "object", "properties": properties, "additionalProperties": False} | required


def _parameter(parameter: Parameter) -> Schema:
    match parameter:
        case Choice(allowed=allowed):
            return {"enum": list(allowed)}
        case Integer(minimum=minimum, maximum=maximum):
            return {"type": "integer", "minimum": minimum, "maximum": maximum}
        case Flag():
            return {"type": "boolean"}
        case Texts(max_items=most):
            limits = {"minItems": 1} | ({"maxItems": most} if most else {})
            return {"type": "array", "items": {"type": "string", "minLength": 1}, **limits}
        case Time():
            return {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([+-]\d\d:\d\d)?$"}
        case Text(pattern=pattern):
            return {"type": "string", "pattern": f"^(?:{pattern})$".replace(r"\Z", "$")}
    raise TypeError(f"there is no schema for {type(parameter).__name__} yet")
