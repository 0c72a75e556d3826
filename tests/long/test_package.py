"""The package for Lambda, as `make build` makes it."""

import shutil
from pathlib import Path

import pytest

from local.artifact import ROOT, Package, Target, build_code, package

pytestmark = pytest.mark.long


def packaged(root: Path, target: Target) -> Package:
    """One made from a copy of the project, from scratch."""
    for folder in ("functions", "requirements", "shared"):
        # Not copy2: the copies are as old as they are.
        shutil.copytree(ROOT / folder, root / folder, copy_function=shutil.copyfile)
    return package(build_code(root, target), root / "package.zip")


@pytest.mark.parametrize("architecture", ["arm64", pytest.param("x86_64", marks=pytest.mark.nightly)])
def test_two_builds_make_the_same_bytes(tmp_path: Path, architecture: str) -> None:
    target = Target.of_runtime("python3.14", architecture)  # type: ignore[arg-type]
    one, other = (packaged(tmp_path / name, target) for name in ("one", "other"))
    assert one.file.read_bytes() == other.file.read_bytes()
    machine = {"arm64": b"\xb7\x00", "x86_64": b"\x3e\x00"}[architecture]
    modules = list((tmp_path / "one").rglob("*.so"))
    assert len(modules) >= 3
    assert {module.read_bytes()[18:20] for module in modules} == {machine}, "e_machine of the ELF header"
