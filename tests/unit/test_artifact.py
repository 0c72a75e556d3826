"""A build replaces what changed, leaves the rest, and never takes an interrupted build for a whole one."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from local.artifact import PYTHON_TAG, Artifact, build


class Project:
    """A small project whose dependencies are wheels made here; no index is asked."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for folder in ("requirements", "wheels", "functions/greet", "shared/workspace_exports"):
            (root / folder).mkdir(parents=True)
        self.require("runtime", "dependency")
        self.require("ric", "awslambdaric")
        self.write("functions/greet/app.py", "GREETING = 'hello'\n")
        self.write("shared/workspace_exports/__init__.py", "")

    def write(self, path: str, text: str) -> None:
        (self.root / path).write_text(text)

    def require(self, requirements: str, name: str) -> None:
        wheel = self.root / "wheels" / f"{name}-1-py3-none-any.whl"
        info = f"{name}-1.dist-info"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr(f"{name}.py", "")
            archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
            archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            archive.writestr(f"{info}/RECORD", "")
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        self.write(f"requirements/{requirements}.txt", f"{name} @ {wheel.as_uri()} --hash=sha256:{digest}\n")

    def build(self) -> Artifact:
        return build(self.root)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("project"))
    project.build()
    return project


def sources(artifact: Artifact) -> set[str]:
    return {path.relative_to(artifact.code).as_posix() for path in artifact.code.rglob("*.py")}


def test_the_artifact_holds_dependencies_functions_and_shared_code(project: Project) -> None:
    artifact = project.build()
    assert sources(artifact) == {"dependency.py", "functions/greet/app.py", "workspace_exports/__init__.py"}
    assert (artifact.ric / "awslambdaric.py").is_file()


def test_bytecode_comes_along(project: Project) -> None:
    tag = f"cpython-{PYTHON_TAG.removeprefix('cp')}"
    assert (project.build().code / "functions" / "greet" / "__pycache__" / f"app.{tag}.pyc").is_file()


def test_a_changed_source_is_copied_and_a_removed_one_goes(project: Project) -> None:
    project.write("functions/greet/extra.py", "")
    assert "functions/greet/extra.py" in sources(project.build())
    (project.root / "functions/greet/extra.py").unlink()
    project.write("functions/greet/app.py", "GREETING = 'good day'\n")
    artifact = project.build()
    assert "functions/greet/extra.py" not in sources(artifact)
    assert "good day" in (artifact.code / "functions" / "greet" / "app.py").read_text()


def test_what_did_not_change_is_not_touched(project: Project) -> None:
    artifact = project.build()
    before = {path: path.stat().st_ino for path in artifact.code.rglob("*")}
    project.build()
    assert {path: path.stat().st_ino for path in artifact.code.rglob("*")} == before


def test_a_changed_requirement_file_replaces_all_dependencies(project: Project) -> None:
    project.require("runtime", "successor")
    names = sources(project.build())
    assert "successor.py" in names
    assert "dependency.py" not in names
    assert "functions/greet/app.py" in names


def test_an_interrupted_build_is_done_again(project: Project) -> None:
    artifact = project.build()
    (artifact.code.parent / "new-interrupted").mkdir()
    (artifact.ric / "awslambdaric.py").unlink()
    (artifact.ric.parent / "ric.stamp").unlink()
    assert (project.build().ric / "awslambdaric.py").is_file()
    assert not list(artifact.code.parent.glob("new-*"))
