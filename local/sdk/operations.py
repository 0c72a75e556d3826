"""Operations as the vendor's SDK describes them, from its syntax: nothing of the SDK runs."""

import ast
import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from local.sdk.sources import Folder


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an operation.

    Attributes:
        name: as on the wire.
        type: the SDK's word: str, int, bool, datetime or list[...].
        mandatory: whether the SDK's model always sets it.
        meaning: the vendor's description, in Chinese.
    """

    name: str
    type: str
    mandatory: bool
    meaning: str

    @property
    def values(self) -> list[str]:
        """The values that the description lists."""
        return [next(filter(None, found.groups())) for found in _VALUE.finditer(self.meaning)]

    @property
    def least(self) -> int | None:
        """The smallest number or length that the description names."""
        found = _RANGE.search(self.meaning)
        return int(found[1]) if found else None

    @property
    def most(self) -> int | None:
        """The largest number, length or count that the description names."""
        found = _RANGE.search(self.meaning)
        if found:
            return int(found[2])
        found = _AT_MOST.search(self.meaning)
        return int(found[1]) if found else None


_WORD = r"[A-Za-z0-9_]+"
_CHINESE = r"[\u4e00-\u9fff]"
_VALUE = re.compile(
    # A value and its description, divided by a colon, a dash, or a word for "means".
    rf"(?<![\w.:“\"])({_WORD})[`']?(?:\s*[：:-]\s*(?={_CHINESE})|(?=代表|为{_CHINESE}))"  # noqa: RUF001 - theirs
    # An item of a list, with or without a description.
    rf"|(?<=- )({_WORD})(?=\s+{_CHINESE}|\s*$|\s+- )",
)
_RANGE = re.compile(r"(?:范围[为是：:]?\s*|\[)(\d+)\s*[-~]\s*(\d+)")  # noqa: RUF001 - theirs
_AT_MOST = re.compile(r"(?:最多(?:不超过)?|最大(?:长度)?(?:为|不超过)?|不超过)\s*(\d+)")


@dataclass(frozen=True)
class Operation:
    """An operation of the vendor's API.

    Attributes:
        package: name and version of the package that has it.
        name: as in the vendor's reference.
        makes_a_task: whether the answer holds the id of a task.
        file: how the names of the files of its models begin.
        models: all files of models.
    """

    package: str
    name: str
    method: str
    path: str
    content_type: str
    makes_a_task: bool
    file: str = field(repr=False)
    models: Mapping[str, Folder] = field(repr=False)

    @property
    def is_export(self) -> bool:
        """Whether it may be an export, by its name, its path or its answer."""
        return self.makes_a_task or self.name.startswith("Export") or self.path.endswith("/export")

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters in path, query and body; a body that is no object has none."""
        request = _Model(self.models[f"{self.file}_request"])
        body = self.models.get(_snake(request.types.get("body", "")))
        own = [one for one in request.parameters() if one.name != "body"]
        return (*own, *(_Model(body).parameters() if body is not None else ()))


def read_operations(package: str, folder: Folder) -> list[Operation]:
    """All operations of one package, by path."""
    (version,) = (entry for entry in folder.iterdir() if re.fullmatch(r"v\d+", entry.name))
    (client,) = (
        entry
        for entry in version.iterdir()
        if entry.name.endswith("_client.py") and not entry.name.endswith("_async_client.py")
    )
    models = {entry.name.removesuffix(".py"): entry for entry in (version / "model").iterdir()}
    module = ast.parse(client.read_text(encoding="utf-8"))
    calls = (
        node
        for client_class in module.body
        if isinstance(client_class, ast.ClassDef)
        for node in client_class.body
        if isinstance(node, ast.FunctionDef) and node.name.endswith("_http_info")
    )
    return sorted((_operation(package, call, models) for call in calls), key=lambda one: (one.path, one.method))


def _operation(package: str, call: ast.FunctionDef, models: Mapping[str, Folder]) -> Operation:
    facts = dict(_texts(call))
    # The function's name is the file's.
    file = call.name.removeprefix("_").removesuffix("_http_info")
    return Operation(
        package=package,
        name=facts["response_type"].removesuffix("Response"),
        method=facts["method"],
        path=facts["resource_path"],
        content_type=next(_content_types(call), ""),
        makes_a_task="'task_id': 'task_id'" in models[f"{file}_response"].read_text(encoding="utf-8"),
        file=file,
        models=models,
    )


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _texts(call: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    """The texts of the call's dictionaries, by their keys."""
    for node in ast.walk(call):
        for key, value in zip(node.keys, node.values, strict=True) if isinstance(node, ast.Dict) else ():
            if isinstance(key, ast.Constant) and isinstance(value, ast.Constant):
                yield str(key.value), str(value.value)


def _content_types(call: ast.FunctionDef) -> Iterator[str]:
    for node in ast.walk(call):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "select_header_content_type":
            yield from ast.literal_eval(node.args[0])


class _Model:
    """The only class of a module of models."""

    def __init__(self, file: Folder) -> None:
        module = ast.parse(file.read_text(encoding="utf-8"))
        (self._class,) = (node for node in module.body if isinstance(node, ast.ClassDef))

    @cached_property
    def types(self) -> dict[str, str]:
        """The SDK's types, by its own names."""
        return self._table("openapi_types")

    def parameters(self) -> Iterator[Parameter]:
        """The fields as parameters."""
        names = self._table("attribute_map")
        meanings, always = self._meanings, self._always_set
        for own, kind in self.types.items():
            yield Parameter(names[own], kind, own in always, meanings.get(own, ""))

    def _table(self, name: str) -> dict[str, str]:
        for node in self._class.body:
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name:
                table: dict[str, str] = ast.literal_eval(node.value)
                return table
        return {}

    @property
    def _constructor(self) -> ast.FunctionDef:
        (found,) = (n for n in self._class.body if isinstance(n, ast.FunctionDef) and n.name == "__init__")
        return found

    @property
    def _meanings(self) -> dict[str, str]:
        text = html.unescape(ast.get_docstring(self._constructor) or "")
        return dict(re.findall(r"^:param (\w+): (.*?)(?=\n:)", text, re.MULTILINE | re.DOTALL))

    @property
    def _always_set(self) -> set[str]:
        """The fields that the constructor sets without asking whether they are given."""
        return {
            node.targets[0].attr
            for node in self._constructor.body
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute)
        }
