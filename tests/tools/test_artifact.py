"""A build replaces what changed, leaves the rest, and never takes an interrupted build for a whole one."""

import hashlib
import importlib.util
import marshal
import os
import re
import shutil
import subprocess
import sys
import zipfile
from itertools import pairwise
from pathlib import Path
from types import CodeType

import pydantic
import pytest

from local.artifact import (
    ROOT,
    THIS_MACHINE,
    Artifact,
    Package,
    PackageTooLarge,
    Target,
    build,
    build_code,
    package,
)
from local.artifact.bytecode import compiler
from local.artifact.display import summary
from local.artifact.packaging import point
from local.artifact.pruning import UNUSED
from local.cloudformation import read_template

LAMBDA = Target(THIS_MACHINE.python, "arm64")
"""Cross-built, yet of a Python that is here to compile with."""
FUTURE = Target((3, 99), "arm64")
WHEEL_INFO = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
BALLAST = {
    "{name}-1.dist-info/licenses/LICENSE": "Do as you please.\n",
    "{name}-1.dist-info/entry_points.txt": "[console_scripts]\nrun = {name}:main\n",
    "pydantic/v1/__init__.py": "",
    "pydantic/kept.py": "",
    "{name}.pyi": "",
    "py.typed": "",
    "tests/test_it.py": "",
}


class Project:
    """A small project whose dependencies are wheels made here; no index is asked."""

    def __init__(self, root: Path, year: int = 2026) -> None:
        self.root = root
        self.year = year
        for folder in ("requirements", "wheels", "functions/greet", "shared/workspace_exports"):
            (root / folder).mkdir(parents=True)
        self.require("runtime", "dependency", BALLAST)
        self.require("ric", "awslambdaric")
        self.write("functions/greet/app.py", "GREETING = 'hello'\n")
        self.write("shared/workspace_exports/__init__.py", "")

    def write(self, path: str, text: str) -> None:
        (self.root / path).write_text(text)
        os.utime(self.root / path, (self.year * 1_000_000, self.year * 1_000_000))

    def require(self, requirements: str, name: str, more: dict[str, str] | None = None) -> None:
        wheel = self.root / "wheels" / f"{name}-1-py3-none-any.whl"
        files = {
            f"{name}.py": "",
            f"{name}-1.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n",
            f"{name}-1.dist-info/WHEEL": WHEEL_INFO,
            f"{name}-1.dist-info/RECORD": "",
            **{path.format(name=name): text.format(name=name) for path, text in (more or {}).items()},
        }
        with zipfile.ZipFile(wheel, "w") as archive:
            for path, text in files.items():
                archive.writestr(zipfile.ZipInfo(path, (self.year, 1, 2, 3, 4, 6)), text)
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        self.write(f"requirements/{requirements}.txt", f"{name} @ {wheel.as_uri()} --hash=sha256:{digest}\n")

    def build(self) -> Artifact:
        return build(self.root)

    def package(self, target: Target = LAMBDA) -> Package:
        return package(build_code(self.root, target), self.root / ".build" / "package.zip")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("project"))
    project.build()
    return project


def sources(artifact: Artifact) -> set[str]:
    return {path.relative_to(artifact.code).as_posix() for path in artifact.code.rglob("*.py")}


def pyc(path: str) -> Path:
    return Path(importlib.util.cache_from_source(path))


def test_the_artifact_holds_what_is_needed_its_metadata_and_its_licences(project: Project) -> None:
    code = project.build().code
    assert {path.relative_to(code).as_posix() for path in code.rglob("*") if path.is_file()} == {
        "dependency.py",
        "dependency-1.dist-info/METADATA",
        "dependency-1.dist-info/licenses/LICENSE",
        "functions/greet/app.py",
        "pydantic/kept.py",
        "workspace_exports/__init__.py",
        *map(str, map(pyc, ("dependency.py", "functions/greet/app.py", "pydantic/kept.py"))),
        str(pyc("workspace_exports/__init__.py")),
    }
    assert (project.build().ric / "awslambdaric.py").is_file()


@pytest.mark.parametrize("path", ["dependency.py", "functions/greet/app.py", "workspace_exports/__init__.py"])
def test_bytecode_is_valid_whatever_the_timestamps_and_lies_where_lambda_puts_it(project: Project, path: str) -> None:
    data = (project.build().code / pyc(path)).read_bytes()
    code = marshal.loads(data[16:])  # noqa: S302 - compiled here
    assert data[:4] == importlib.util.MAGIC_NUMBER
    assert int.from_bytes(data[4:8], "little") == 0b01, "a hash, and not to be checked"
    assert isinstance(code, CodeType)
    assert code.co_filename == f"/var/task/{path}"


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


def test_the_same_inputs_make_the_same_package(tmp_path: Path) -> None:
    wheels, packages = set(), []
    for name, year in (("here", 2026), ("elsewhere", 2001)):
        project = Project(tmp_path / name, year)
        packages.append(project.package())
        wheels.add((project.root / "wheels" / "dependency-1-py3-none-any.whl").read_bytes())
    one, other = packages
    assert len(wheels) == 2, "the inputs differ in their timestamps"
    assert one.file.read_bytes() == other.file.read_bytes()
    assert one.sha256 == other.sha256 == hashlib.sha256(one.file.read_bytes()).digest()
    assert one.compiled


def test_uv_and_pip_make_the_same_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = {}
    for installer, credentials in (("uv", "disabled"), ("pip", "import")):
        monkeypatch.setenv("PIP_KEYRING_PROVIDER", credentials)
        project = Project(tmp_path / installer)
        made[installer] = project.package().file.read_bytes()
        assert (project.build().ric / "awslambdaric-1.dist-info" / "INSTALLER").read_text().strip() == installer
    assert made["uv"] == made["pip"]


def test_a_package_can_be_read_by_whomever_a_function_runs_as(tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    (project.root / "functions/greet/app.py").chmod(0o600)
    with zipfile.ZipFile(project.package().file) as archive:
        assert {entry.external_attr >> 16 for entry in archive.infolist()} == {0o100644}
        assert archive.namelist() == sorted(archive.namelist())


def test_without_a_python_to_compile_with_the_package_has_no_bytecode_and_says_so(tmp_path: Path) -> None:
    built = Project(tmp_path / "project").package(FUTURE)
    with zipfile.ZipFile(built.file) as archive:
        assert "functions/greet/app.py" in archive.namelist()
        assert not [name for name in archive.namelist() if name.endswith(".pyc")]
    said = summary(built, FUTURE)
    assert "Without bytecode: no Python 3.99 was found" in said
    assert said.endswith("-m uv python install 3.99")


def test_the_summary_names_the_digests_the_sizes_and_the_largest_parts(tmp_path: Path) -> None:
    code = tmp_path / "code"
    for part in range(10):
        (code / f"part{part}").mkdir(parents=True)
        (code / f"part{part}" / "data").write_bytes(os.urandom((part + 1) * 100_000))
    built = package(code, tmp_path / "package.zip")
    lines = summary(built, LAMBDA).splitlines()
    assert lines[1] == f"SHA-256   {hashlib.sha256(built.file.read_bytes()).hexdigest()}"
    assert lines[3:5] == ["zipped    5.25 MiB of the 12 allowed", "unpacked  5.25 MiB"]
    assert [line.split()[0] for line in lines[7:15]] == [f"part{part}" for part in range(9, 1, -1)]
    assert re.fullmatch(r"2 more +0\.29 +0\.29", lines[15])


def test_a_package_over_its_budget_is_refused_and_the_one_before_stays(tmp_path: Path) -> None:
    code, file = tmp_path / "code", tmp_path / "package.zip"
    (code / "large").mkdir(parents=True)
    (code / "large" / "data").write_bytes(os.urandom(2_000_000))
    (code / "small.py").touch()
    file.write_bytes(b"the one before")
    with pytest.raises(PackageTooLarge) as refused:
        package(code, file, budget_bytes=1024 * 1024)
    assert str(refused.value) == (
        "the package has 1.9 MiB, 0.9 MiB over its budget of 1. Its largest parts, in MiB: large 1.9, small.py 0.0. "
        "Leave something out (local/artifact/pruning.py), or raise BUDGET_BYTES (local/artifact/packaging.py)"
    )
    assert file.read_bytes() == b"the one before"
    assert {path.name for path in tmp_path.iterdir()} == {"code", "package.zip"}


def test_the_name_in_the_template_stands_for_the_package_built_last(tmp_path: Path) -> None:
    link = tmp_path / "lambda.zip"
    for name in ("first.zip", "second.zip"):
        (tmp_path / name).write_text(name)
        point(link, tmp_path / name)
        assert link.read_text() == name
    assert {path.name for path in tmp_path.iterdir()} == {"first.zip", "second.zip", "lambda.zip"}


def test_make_builds_what_the_template_deploys() -> None:
    template = read_template(ROOT / "template.yaml")
    made = dict(re.findall(r"^(\w+) := (\S+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    function = template["Globals"]["Function"]
    assert function["Runtime"] == made["RUNTIME"]
    assert function["Architectures"] == [{"Ref": "Architecture"}]
    assert function["CodeUri"] == ".build/lambda.zip"
    assert template["Parameters"]["Architecture"]["Default"] == made["ARCH"]


@pytest.mark.parametrize(
    ("file", "given", "overrides"),
    [
        ("", [], "Architecture=arm64 $PARAMETERS"),
        ("", ["ARCH=x86_64"], "Architecture=x86_64 $PARAMETERS"),
        ("", ["PARAMETERS=A=b"], "Architecture=arm64 $PARAMETERS"),
        ('parameter_overrides = "A=b"\n', [], None),
        ('parameter_overrides = "A=b"\n', ["ARCH=x86_64"], "Architecture=x86_64 $PARAMETERS"),
        ('parameter_overrides = "A=b"\n', ["PARAMETERS=A=b"], "Architecture=arm64 $PARAMETERS"),
    ],
)
def test_make_deploys_for_the_machine_it_builds_for(
    tmp_path: Path, file: str, given: list[str], overrides: str | None
) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "requirements").mkdir()
    for name in ("deploy", "uv"):
        (tmp_path / "requirements" / f"{name}.txt").touch()
    (tmp_path / "samconfig.toml").write_text(file)
    command = ["make", "--dry-run", "--directory", str(tmp_path), "deploy", *given]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own
    found = re.search(r'samcli deploy.*?--parameter-overrides "(.*)"', told, re.DOTALL)
    assert (found and found[1]) == overrides
    assert f'--architecture "{"x86_64" if "ARCH=x86_64" in given else "arm64"}"' in told


def test_what_is_deployed_does_not_depend_on_the_machine_that_builds_it() -> None:
    """pip would look at this machine to decide on a requirement with a marker."""
    lock = (ROOT / "requirements" / "runtime.txt").read_text(encoding="utf-8")
    pins = [line for line in lock.splitlines() if re.match(r"\w", line)]
    assert pins
    assert [pin for pin in pins if ";" in pin] == []


@pytest.mark.parametrize("pattern", [pattern for pattern in UNUSED if not pattern.startswith(("*", "bin"))])
def test_every_line_on_one_dependency_still_names_something(pattern: str) -> None:
    installed = Path(pydantic.__file__).parents[1]
    assert list(installed.glob(pattern)), "nothing is left out any more: remove the line"


@pytest.mark.parametrize(
    ("runtime", "architecture", "name", "newest", "abi", "for_uv"),
    [
        ("python3.14", "arm64", "python3.14-arm64", "manylinux_2_34_aarch64", "cp314", "aarch64-manylinux_2_34"),
        ("python3.13", "arm64", "python3.13-arm64", "manylinux_2_34_aarch64", "cp313", "aarch64-manylinux_2_34"),
        ("python3.13", "x86_64", "python3.13-x86_64", "manylinux_2_34_x86_64", "cp313", "x86_64-manylinux_2_34"),
        ("python3.11", "arm64", "python3.11-arm64", "manylinux_2_17_aarch64", "cp311", "aarch64-manylinux_2_17"),
    ],
)
def test_wheels_are_taken_that_run_on_the_target(
    runtime: str, architecture: str, name: str, newest: str, abi: str, for_uv: str
) -> None:
    target = Target.of_runtime(runtime, architecture)  # type: ignore[arg-type]
    options = target.pip_options
    platforms = [value for option, value in pairwise(options) if option == "--platform"]
    assert target.name == name
    assert platforms[0] == newest
    assert platforms[-1].startswith("manylinux2014_")
    assert options[options.index("--abi") + 1] == abi
    assert options[:2] == ["--python-version", runtime.removeprefix("python")]
    assert target.uv_options == [*options[:2], "--python-platform", for_uv]


def test_for_this_machine_uv_and_pip_decide() -> None:
    assert THIS_MACHINE.name == f"python{sys.version_info.major}.{sys.version_info.minor}-here"
    assert THIS_MACHINE.pip_options == THIS_MACHINE.uv_options == []


@pytest.mark.parametrize("runtime", ["nodejs22.x", "python", "python3.x", "3.13"])
def test_another_runtime_is_refused(runtime: str) -> None:
    with pytest.raises(ValueError, match="is no Python runtime of Lambda"):
        Target.of_runtime(runtime, "arm64")


def python399(file: Path, says: str) -> Path:
    """A program under the name of a Python there will not be for long."""
    file.parent.mkdir(parents=True)
    file.write_text(f"#!/bin/sh\necho {says}\n")
    file.chmod(0o755)
    return file


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with none but this test's own Pythons."""
    for name, place in {"PATH": "path", "PYENV_ROOT": "pyenv", "UV_PYTHON_INSTALL_DIR": "uv"}.items():
        monkeypatch.setenv(name, str(tmp_path / place))
    return tmp_path


@pytest.mark.parametrize(
    "place", ["path/python3.99", "pyenv/versions/3.99.1/bin/python3.99", "uv/cpython-3.99.1-linux/bin/python3.99"]
)
def test_a_python_to_compile_with_is_found(nowhere: Path, place: str) -> None:
    assert compiler((3, 99)) is None
    expected = python399(nowhere / place, "cpython-399 final")
    assert compiler((3, 99)) == expected


@pytest.mark.parametrize("says", ["cpython-398 final", "pypy-399 final", "cpython-399 candidate", ""])
def test_what_makes_other_bytecode_is_passed_over(nowhere: Path, says: str) -> None:
    python399(nowhere / "path" / "python3.99", says)
    assert compiler((3, 99)) is None
    expected = python399(nowhere / "uv" / "cpython-3.99.0" / "bin" / "python3.99", "cpython-399 final")
    assert compiler((3, 99)) == expected


def test_this_python_compiles_for_itself() -> None:
    assert compiler(THIS_MACHINE.python) == Path(sys.executable)
