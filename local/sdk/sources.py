"""The vendor's two SDK packages as files: wheels by path or from the index, or what this Python has installed."""

import importlib.metadata
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from local.setup.pip import pip_command

PACKAGES = ("huaweicloudsdkworkspace", "huaweicloudsdkworkspaceapp")

Folder = Path | zipfile.Path
"""A folder on disk or in a wheel; both are read alike."""


class NoSuchPackage(Exception):
    """A package that cannot be had; the text says why."""


def installed() -> dict[str, Folder]:
    """Each package as this Python has it, by name and version."""
    return dict(_installed(name) for name in PACKAGES)


def _installed(name: str) -> tuple[str, Folder]:
    try:
        distribution = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        raise NoSuchPackage(f"{name} is not installed") from None
    return f"{name} {distribution.version}", Path(str(distribution.locate_file(name)))


def wheels(paths: list[Path]) -> dict[str, Folder]:
    """The packages in the wheels of those paths, one of each package."""
    given = sorted(path.name.partition("-")[0] for path in paths if path.suffix == ".whl")
    if given != sorted(PACKAGES):
        raise NoSuchPackage(f"give one wheel of {' and one of '.join(PACKAGES)}")
    return dict(_wheel(path) for path in paths)


def _wheel(path: Path) -> tuple[str, Folder]:
    name, _, rest = path.name.partition("-")
    try:
        return f"{name} {rest.partition('-')[0]}", zipfile.Path(path, f"{name}/")
    except (OSError, zipfile.BadZipFile) as error:
        raise NoSuchPackage(f"{path} cannot be read: {error}") from error


@contextmanager
def downloaded(version: str | None) -> Iterator[dict[str, Folder]]:
    """Each package from the index that pip uses, the newest release or the one named, while it is needed."""
    with TemporaryDirectory() as folder:
        wanted = [f"{name}=={version}" if version else name for name in PACKAGES]
        command = [*pip_command(), "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", folder]
        done = subprocess.run([*command, *wanted], capture_output=True, text=True, check=False)
        if done.returncode:
            *_, why = done.stderr.strip().splitlines() or ["no reason given"]
            raise NoSuchPackage(f"pip cannot download {' and '.join(wanted)}: {why}")
        yield wheels(sorted(Path(folder).glob("*.whl")))
