"""Console blocks of the README and the pages: the commands, and the shape of what they print."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from local.artifact import ROOT

_FENCED = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_SHAPES = tuple(
    (re.compile(pattern), shape)
    for pattern, shape in (
        (r"(?<![0-9a-z])[0-9a-f]+…", "…"),
        (r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID"),
        (r"https?://127\.0\.0\.1:\d+", "URL"),
        (r"127\.0\.0\.1:\d+", "HOST"),
        (r"\d{4}-?\d{2}-?\d{2}T\d{2}:?\d{2}:?\d{2}Z|\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}( UTC)?", "TIME"),
        (r"\d{4}-\d{2}-\d{2}", "DAY"),
        (r"(?<=_)\d{14}(?=\.)", "TIME"),
        (r"(?<![0-9a-z])(?:[0-9a-f]{8}-)?[0-9a-f]{8,64}(?![0-9a-z])", "HASH"),
        (r"(?<![\w.-])\d[\d,]*(?:\.\d+)?(?!\w)", "NUMBER"),
        (r"[━─]+", "LINE"),
        (r"\s+", " "),
    )
)


@dataclass(frozen=True, slots=True)
class Block:
    """One block.

    Attributes:
        page: `README.md`, `docs/archive.md`.
        commands: without the prompt, continued lines joined as they stand.
        output: what is shown between and below them.
    """

    page: str
    commands: tuple[str, ...]
    output: tuple[str, ...]

    @property
    def name(self) -> str:
        """The page, and the first line of the first command."""
        return f"{self.page}: {self.commands[0].splitlines()[0]}"


def find_blocks(page: Path) -> Iterator[Block]:
    """Every block of the page that has a command.

    Raises:
        ValueError: a block has a prompt and is not marked as `console`.
    """
    for margin, language, text in _FENCED.findall(page.read_text(encoding="utf-8")):
        lines = [line.removeprefix(margin) for line in text.splitlines()]
        if not any(line.startswith("$ ") for line in lines):
            continue
        if language != "console":
            raise ValueError(f"{page.name}: a block with a prompt is not marked as console: {lines[0]}")
        yield _read(str(page.relative_to(ROOT)), lines)


def pages() -> list[Path]:
    """The README and the pages beside it."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def _read(page: str, lines: Sequence[str]) -> Block:
    commands: list[str] = []
    output: list[str] = []
    goes_on = False
    for line in lines:
        if line.startswith("$ "):
            commands.append(line.removeprefix("$ "))
        elif goes_on:
            commands[-1] += f"\n{line}"
        else:
            output.append(line)
        goes_on = line.endswith("\\")
    return Block(page, tuple(commands), tuple(output))


def differences(documented: Sequence[str], printed: Sequence[str], *, in_order: bool = True) -> list[str]:
    """The documented lines that were not printed in their order, and what was printed behind the last one.

    Numbers, hashes, days, times and addresses are alike. `…` and `...` stand for any part of a line. A line that begins
    with `...` stands for any lines; where there is one, lines that are not documented are passed over.

    Args:
        documented: the lines on the page.
        printed: those of a run.
        in_order: False where lines come as the work gets on.
    """
    wanted = [line for line in documented if line.strip()]
    found = [_shape(line) for line in printed if line.strip()]
    if not in_order:
        wanted, found = sorted(wanted, key=_shape), sorted(found)
    is_cut = any(map(_is_cut, wanted))
    place, missing = 0, []
    for line in wanted:
        if _is_cut(line):
            continue
        pattern = re.compile(".*".join(re.escape(part) for part in re.split(r"…|\.\.\.", _shape(line))))
        ahead = found[place:] if is_cut else found[place : place + 1]
        step = next((n for n, one in enumerate(ahead) if pattern.fullmatch(one)), None)
        if step is None:
            missing.append(line)
        else:
            place += step + 1
    return missing + ([] if is_cut else [f"printed too: {line}" for line in found[place:]])


def _is_cut(line: str) -> bool:
    return line.strip().startswith("...")


def _shape(line: str) -> str:
    for pattern, shape in _SHAPES:
        line = pattern.sub(shape, line)
    return line.strip()
