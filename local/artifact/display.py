"""Says what was packaged."""

import os
import sys

from local.artifact.packaging import BUDGET_BYTES, MIB, Package, Size
from local.artifact.target import Target

_LARGEST = 8


def summary(built: Package, target: Target) -> str:
    """What it is, how large, and what makes it so."""
    lines = [
        os.path.relpath(built.file),
        f"SHA-256   {built.sha256.hex()}",
        f"          {built.code_sha256}, as Lambda shows it (CodeSha256)",
        f"zipped    {built.size.zipped / MIB:.2f} MiB of the {BUDGET_BYTES / MIB:g} allowed",
        f"unpacked  {built.size.unpacked / MIB:.2f} MiB",
        "",
        f"{'part':<30}{'zipped':>8}{'unpacked':>10}  MiB",
        *(f"{name:<30}{size.zipped / MIB:>8.2f}{size.unpacked / MIB:>10.2f}" for name, size in _rows(built)),
    ]
    return "\n".join(lines if built.compiled else [*lines, "", _without_bytecode(target)])


def _rows(built: Package) -> list[tuple[str, Size]]:
    parts = list(built.parts.items())
    largest, others = parts[:_LARGEST], [size for _, size in parts[_LARGEST:]]
    if not others:
        return largest
    together = Size(sum(size.zipped for size in others), sum(size.unpacked for size in others))
    return [*largest, (f"{len(others)} more", together)]


def _without_bytecode(target: Target) -> str:
    return (
        f"Without bytecode: no Python {target.version} was found, neither on PATH nor where pyenv and uv keep theirs. "
        f"The package works, but each cold start compiles what it imports, and takes more than twice as long to import "
        f"it. Make a python{target.version} available and build again; one way is "
        f"{os.path.relpath(sys.executable)} -m uv python install {target.version}"
    )
