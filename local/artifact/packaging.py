"""Zips an artifact: the same files make the same bytes."""

import hashlib
import os
import stat
import tempfile
import zipfile
from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

MIB = 1024 * 1024
BUDGET_BYTES = 12 * MIB
"""Of the zip file. Lambda takes more; a cold start brings every byte to the machine first."""

# The earliest a zip file can say.
_TIMESTAMP = (1980, 1, 1, 0, 0, 0)
_MODE = stat.S_IFREG | 0o644


class PackageTooLarge(Exception):
    """The package is over its budget; the message names the largest parts."""


@dataclass(frozen=True, slots=True)
class Size:
    """Bytes in the zip file, and on the disk of a function."""

    zipped: int
    unpacked: int


@dataclass(frozen=True, slots=True)
class Package:
    """A deployment package.

    Attributes:
        sha256: Of the file.
        parts: Sizes by what is at the top of it, the largest first.
        compiled: Whether bytecode comes along.
    """

    file: Path
    sha256: bytes
    parts: Mapping[str, Size]
    compiled: bool

    @property
    def code_sha256(self) -> str:
        """The digest as Lambda shows it."""
        return b64encode(self.sha256).decode()

    @property
    def size(self) -> Size:
        """Of the file, and of all that is in it."""
        return Size(self.file.stat().st_size, sum(part.unpacked for part in self.parts.values()))


def package(code: Path, file: Path, budget_bytes: int = BUDGET_BYTES) -> Package:
    """Write what is in ``code`` to the zip file ``file``, whole or not at all.

    Raises:
        PackageTooLarge: It would be over the budget; an earlier file stays.
    """
    with tempfile.TemporaryDirectory(prefix="new-", dir=file.parent) as scratch:
        fresh = Path(scratch) / file.name
        entries = _write(code, fresh)
        parts, size = _parts(entries), fresh.stat().st_size
        if size > budget_bytes:
            raise PackageTooLarge(_too_large(size, budget_bytes, parts))
        sha256 = hashlib.sha256(fresh.read_bytes()).digest()
        fresh.replace(file)
    return Package(file, sha256, parts, any(entry.filename.endswith(".pyc") for entry in entries))


def point(link: Path, file: Path) -> None:
    """Have ``link``, the name in the template, stand for ``file`` beside it."""
    fresh = link.with_name(f".{link.name}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(os.path.relpath(file, link.parent))
    fresh.replace(link)


def _write(code: Path, file: Path) -> list[zipfile.ZipInfo]:
    paths = {path.relative_to(code).as_posix(): path for path in code.rglob("*") if path.is_file()}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(paths):
            entry = zipfile.ZipInfo(name, _TIMESTAMP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, whose modes Lambda keeps
            entry.external_attr = _MODE << 16
            archive.writestr(entry, paths[name].read_bytes(), compresslevel=9)
        return archive.infolist()


def _parts(entries: Iterable[zipfile.ZipInfo]) -> dict[str, Size]:
    zipped: defaultdict[str, int] = defaultdict(int)
    unpacked: defaultdict[str, int] = defaultdict(int)
    for entry in entries:
        part = entry.filename.partition("/")[0]
        zipped[part] += entry.compress_size
        unpacked[part] += entry.file_size
    return {part: Size(zipped[part], unpacked[part]) for part in sorted(zipped, key=zipped.__getitem__, reverse=True)}


def _too_large(size: int, budget: int, parts: Mapping[str, Size]) -> str:
    largest = ", ".join(f"{name} {part.zipped / MIB:.1f}" for name, part in list(parts.items())[:4])
    return (
        f"the package has {size / MIB:.1f} MiB, {(size - budget) / MIB:.1f} MiB over its budget of {budget / MIB:g}. "
        f"Its largest parts, in MiB: {largest}. Leave something out (local/artifact/pruning.py), "
        "or raise BUDGET_BYTES (local/artifact/packaging.py)"
    )
