"""Every small fault that mutmut would plant in a module of the product."""

import re
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.file_mutation import MutationVisitor, deep_replace
from mutmut.mutation.mutators import mutation_operators
from mutmut.mutation.pragma_handling import IgnoredCode

from local.mutants.mutant import Mutant

_A_LOG_LINE = re.compile(r"^\s*(logger\.\w+|warnings\.warn)\(")
"""What it says is for people; that no log holds a secret is every test's business already."""


class _Planter(MutationVisitor):  # type: ignore[misc]  # mutmut is not there when types are checked
    """Goes into decorated functions too: a whole module is replaced, so that no decorator is run twice."""

    def _skip_node_and_children(self, node: cst.CSTNode) -> bool:
        return not isinstance(node, cst.FunctionDef) and bool(super()._skip_node_and_children(node))


def mutants_of(path: Path) -> list[Mutant]:
    """Each fault once, in the order of the lines.

    Faults are planted in functions and methods. What runs at import (constants, fields, decorators), annotations,
    docstrings and log lines are left as they are.
    """
    source = path.read_text()
    wrapper = MetadataWrapper(cst.parse_module(source))
    log_lines = {number for number, line in enumerate(source.splitlines(), 1) if _A_LOG_LINE.match(line)}
    planter = _Planter(mutation_operators, IgnoredCode(set(), set(), log_lines))
    wrapper.visit(planter)
    outline = _Outline(wrapper, source)
    rendering = _Rendering(wrapper.module)
    found: dict[str, Mutant] = {}
    alike: Counter[tuple[str, str, str]] = Counter()
    for fault in planter.mutations:
        position = outline.lines[fault.original_node]
        place = outline.function_at(position.start.line)
        if place is None:
            continue
        name, body = place
        mutated = rendering.replacing(fault.original_node, fault.mutated_node)
        if mutated in found or mutated == source:
            continue
        first, last = outline.statement_at(position.start.line, position.end.line)
        was, becomes = _changed(source, mutated)
        repetition = alike[name, was, becomes]
        alike[name, was, becomes] += 1
        found[mutated] = Mutant(name, first, last, body, outline.context_of(body), was, becomes, mutated, repetition)
    return list(found.values())


class _Rendering:
    """A module's text, made anew only where it has changed."""

    def __init__(self, module: cst.Module) -> None:
        self._module = module
        self._parts = [module.code_for_node(statement) for statement in module.body]
        self._holder = {
            id(node): place for place, statement in enumerate(module.body) for node in (statement, *_below(statement))
        }
        self._header = "".join(module.code_for_node(line) for line in module.header)

    def replacing(self, old: cst.CSTNode, new: cst.CSTNode) -> str:
        """The whole text with one node in place of another."""
        place = self._holder[id(old)]
        changed = self._module.code_for_node(deep_replace(self._module.body[place], old, new))
        return self._header + "".join([*self._parts[:place], changed, *self._parts[place + 1 :]])


def _below(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    for child in node.children:
        yield child
        yield from _below(child)


class _Outline:
    """Where the functions and the statements of a module are."""

    def __init__(self, wrapper: MetadataWrapper, source: str) -> None:
        self._text = ["", *source.splitlines()]
        self.lines = wrapper.resolve(PositionProvider)
        self._functions: list[tuple[range, str, range]] = []
        self._statements: list[range] = []
        self._walk(wrapper.module, "")

    def function_at(self, line: int) -> tuple[str, range] | None:
        """The outermost function of that line, and its body's lines."""
        return next(((name, body) for lines, name, body in self._functions if line in lines), None)

    def statement_at(self, first: int, last: int) -> tuple[int, int]:
        """The lines of the smallest statement these are part of; of a compound one only its own."""
        around = [lines for lines in self._statements if first in lines]
        smallest = min(around, key=len, default=range(first, last + 1))
        return smallest.start, max(last, smallest.stop - 1)

    def context_of(self, body: range) -> str:
        """The same while neither that function nor anything around the functions has changed."""
        others = {line for lines, _, other in self._functions if other != body for line in lines}
        text = "\n".join(line for number, line in enumerate(self._text) if number not in others)
        return sha256(text.encode()).hexdigest()[:12]

    def _walk(self, node: cst.CSTNode, prefix: str) -> None:
        for child in node.children:
            if isinstance(child, cst.FunctionDef):
                self._functions.append((self._span(child), f"{prefix}{child.name.value}", self._span(child.body)))
                self._note_statements(child)
            elif isinstance(child, cst.ClassDef):
                self._walk(child.body, f"{prefix}{child.name.value}.")
            else:
                self._walk(child, prefix)

    def _note_statements(self, node: cst.CSTNode) -> None:
        for child in node.children:
            if isinstance(child, cst.SimpleStatementLine):
                self._statements.append(self._span(child))
            self._note_statements(child)

    def _span(self, node: cst.CSTNode) -> range:
        position = self.lines[node]
        return range(position.start.line, position.end.line + 1)


def _changed(before: str, after: str) -> tuple[str, str]:
    """The lines that differ, the rest cut away from both ends."""
    old, new = before.splitlines(), after.splitlines()
    while old and new and old[0] == new[0]:
        del old[0], new[0]
    while old and new and old[-1] == new[-1]:
        del old[-1], new[-1]
    return _one_line(old), _one_line(new)


def _one_line(lines: list[str]) -> str:
    return " ".join(stripped for line in lines if (stripped := line.strip()))
