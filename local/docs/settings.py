"""Tables of the settings, written from their fields, from the functions and from the template."""

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from local.cloudformation import read_template
from local.docs.markdown import ROOT, table
from workspace_exports.commands.command_settings import CommandSettings
from workspace_exports.runtime.settings.base import Settings
from workspace_exports.runtime.settings.metrics_target import MetricsSettings

_HEAD = ("variable", "default", "takes", "meaning", "read by", "template parameter")
_OTHER_READERS: dict[type[Settings], str] = {MetricsSettings: "all", CommandSettings: "the commands"}
_UNITS = ("seconds", "days", "attempts")


def settings_tables() -> str:
    """Return one table for each class of settings that declares variables of its own."""
    functions = _functions()
    sources = _parameters()
    seen: set[str] = set()
    sections = []
    for group in _groups([*functions.values(), MetricsSettings, CommandSettings]):
        fields = _own_fields(group)
        rows = [_row(group, name, functions, sources) for name, alias in fields.items() if alias not in seen]
        seen |= set(fields.values())
        if rows:
            sections.append(f"## {_heading(group)}\n\n{table(_HEAD, rows)}")
    return "\n".join(sections)


def _functions() -> dict[str, type[Settings]]:
    """Return the settings of each function, by its name with hyphens."""
    modules = (import_module(f"functions.{app.parent.name}.app") for app in sorted(ROOT.glob("functions/*/app.py")))
    return {
        module.__name__.split(".")[1].replace("_", "-"): value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Settings) and value.__module__ == module.__name__
    }


def _groups(settings: list[type[Settings]]) -> list[type[Settings]]:
    """Return all classes that these are made of, each once, bases first."""
    bases = (base for one in settings for base in reversed(one.__mro__))
    return list(dict.fromkeys(base for base in bases if issubclass(base, Settings)))


def _own_fields(group: type[Settings]) -> dict[str, str]:
    own = vars(group).get("__annotations__", {})
    return {name: str(field.alias) for name, field in group.model_fields.items() if name in own}


def _heading(group: type[Settings]) -> str:
    """Return the words of the docstring's first line between "Settings of" and the first stop."""
    described = re.match(r"Settings of ([^:;,.]+)", group.__doc__ or "")
    if not described:
        raise ValueError(f'{group.__name__}: the docstring has to begin with "Settings of"')
    return described[1][0].upper() + described[1][1:]


def _row(
    group: type[Settings], name: str, functions: dict[str, type[Settings]], sources: dict[str, str]
) -> tuple[str, ...]:
    field = group.model_fields[name]
    alias = str(field.alias)
    schema = group.model_json_schema()["properties"][alias]
    return (
        f"`{alias}`",
        "**required**" if field.is_required() else _shown(field.default),
        _taken(schema, name.rpartition("_")[2]),
        (field.description or "").replace("|", "\\|"),
        _OTHER_READERS.get(group) or _readers(alias, functions),
        sources.get(alias, ""),
    )


def _readers(alias: str, functions: dict[str, type[Settings]]) -> str:
    readers = [name for name, its in functions.items() if alias in {field.alias for field in its.model_fields.values()}]
    others = functions.keys() - readers
    if len(others) < 2:  # noqa: PLR2004 - shorter said the other way round
        return " but ".join(["all", *others])
    return ", ".join(readers)


def _shown(default: object) -> str:
    if default is None or default == ():
        return ""
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _taken(schema: dict[str, Any], last_word: str) -> str:
    if "enum" in schema:
        return " or ".join(f"`{one}`" for one in schema["enum"])
    if schema.get("type") == "boolean":
        return "`true` or `false`"
    if schema.get("type") != "integer":
        return "text"
    unit = f" {last_word}" if last_word in _UNITS else ""
    if "maximum" not in schema:
        return f"at least {schema['minimum']}{unit}"
    return f"{schema['minimum']} to {schema['maximum']:,}{unit}"


def _parameters() -> dict[str, str]:
    """Return the parameter behind each variable that the template sets; "set by the template" where there is none."""
    template = read_template(ROOT / "template.yaml")
    functions = (one["Properties"] for one in template["Resources"].values() if one["Type"].endswith("::Function"))
    found: dict[str, str] = {}
    for properties in (template["Globals"]["Function"], *functions):
        for variable, value in properties.get("Environment", {}).get("Variables", {}).items():
            named = [f"`{name}`" for name in _references(value) if name in template["Parameters"]]
            found[variable] = ", ".join(named) or "set by the template"
    return found


def _references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if set(value) == {"Ref"}:
            yield value["Ref"]
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)
