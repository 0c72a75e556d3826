"""Set-up by make, against an index of the test's own: it takes what the locks say, whatever else there is by now."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Self

import pytest
from packaging.markers import Marker
from uv import find_uv_bin

from local.artifact import ROOT
from tests.support.servers.package_index import NEWER, PackageIndex, Pin, fill, wheel

TELL = """import importlib.metadata, json
found = {one.metadata["Name"].lower(): one.version for one in importlib.metadata.distributions()}
print(json.dumps(found))
"""
AUDIT = f"import subprocess\nsubprocess.run(['.build/venv-audit/bin/python', '-c', {TELL!r}], check=True)\n"
COMMANDS = {
    "local/demo.py": TELL,
    "local/bench.py": TELL,
    "local/artifact.py": "",
    "tests/fuzz.py": TELL,
    "shared/samcli.py": TELL,
    "shared/pytest.py": AUDIT,
}
"""Programs in place of those that make calls after set-up: they list what is installed beside them."""
SETS = {
    "demo": ["runtime", "local"],
    "bench": ["runtime", "local", "dev"],
    "audit": ["audit"],
    "deploy": ["deploy"],
    "fuzz": ["runtime", "local", "fuzz"],
}
UV = f"import os, sys\nos.execv({find_uv_bin()!r}, [{find_uv_bin()!r}, *sys.argv[1:]])\n"
WITHOUT_PIP = """import runpy, sys
if sys.prefix == sys.base_prefix:
    sys.exit("No module named pip")
sys.path.remove(next(folder for folder in sys.path if folder.endswith("shared")))
runpy.run_module("pip", run_name="__main__")
"""
"""In the place of pip: there is none but in virtual environments."""
SECONDS = 300


class Clone:
    """A new user's clone: the Makefile and the set-up as they are, the locks with the digests of this index."""

    def __init__(self, root: Path, index: PackageIndex) -> None:
        self.root = root / "clone"
        self.index = index
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(root / "home"),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_INDEX_URL": index.url,
        }
        for folder in ("requirements", "local", "tests", "shared"):
            (self.root / folder).mkdir(parents=True)
        (root / "home").mkdir()
        shutil.copy(ROOT / "Makefile", self.root)
        for room in ("setup", "make"):
            shutil.copytree(ROOT / "local" / room, self.root / "local" / room)
        package = self.root / "shared" / "workspace_exports"
        (package / "core").mkdir(parents=True)
        for module in ("__init__.py", "core/__init__.py", "core/nearest.py", "core/redaction.py"):
            shutil.copy(ROOT / "shared" / "workspace_exports" / module, package / module)
        for file in ("template.yaml", "samconfig.toml"):
            shutil.copy(ROOT / file, self.root)
        for path, text in COMMANDS.items():
            (self.root / path).write_text(text)
        # What npm installs is there.
        for path in ("requirements/package.json", "requirements/package-lock.json", ".build/node/done"):
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).touch()
        self.pins = fill(index, ROOT / "requirements", self.root / "requirements")
        (uv,) = self.pins["uv"]
        digest = index.add(
            "uv", uv.version, wheel("uv", uv.version, files={"uv/__init__.py": "", "uv/__main__.py": UV})
        )
        (self.root / "requirements" / "uv.txt").write_text(f"uv=={uv.version} \\\n    --hash=sha256:{digest}\n")

    def copied(self, root: Path) -> Self:
        """The same elsewhere, as far as it is set up."""
        copy = Clone.__new__(type(self))
        copy.__dict__ |= self.__dict__ | {
            "root": root / "clone",
            "environment": self.environment | {"HOME": str(root / "home")},
        }
        shutil.copytree(self.root.parent, root, symlinks=True)
        return copy

    def command(self, *arguments: str) -> list[str]:
        return ["make", f"PYTHON={_base_python()}", "--no-print-directory", "--directory", str(self.root), *arguments]

    def make(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - our own
            self.command(*arguments),
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    def installed(self, command: str) -> Mapping[str, str]:
        """Versions by package, as listed by the program that a command runs after set-up."""
        ended = self.make(command)
        told = [line for line in ended.stdout.splitlines() if line.startswith("{")]
        assert told, ended.stdout + ended.stderr
        assert "uv could not" not in ended.stderr, "pip would heal what is not handed on to uv"
        return json.loads(told[0])  # type: ignore[no-any-return]

    def expected(self, command: str) -> dict[str, str]:
        pins = [pin for name in SETS[command] for pin in self.pins[name] if _is_for_here(pin)]
        return {pin.name.lower(): pin.version for pin in pins}


def _is_for_here(pin: Pin) -> bool:
    return pin.marker is None or Marker(pin.marker).evaluate()


def _base_python() -> str:
    """The Python of this machine that the tests' environment was made of."""
    return str(Path(sys.base_prefix) / "bin" / f"python{sysconfig.get_python_version()}")


@pytest.fixture(scope="module")
def index() -> Iterator[PackageIndex]:
    with PackageIndex().serving() as index:
        yield index


@pytest.fixture(scope="module")
def new(index: PackageIndex, tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A clone in which nothing has been set up."""
    return Clone(tmp_path_factory.mktemp("new"), index)


@pytest.fixture(scope="module")
def begun(new: Clone) -> Callable[[str], Clone]:
    """A clone with an empty virtual environment, with uv or on a machine for which there is none: each made once."""

    @cache
    def begin(machine: str) -> Clone:
        clone = new.copied(new.root.parent.with_name(machine))
        files = clone.index.files["uv"]
        if machine == "no-uv":
            clone.index.files["uv"] = {}
        made = clone.make(".build/venv/done/python")
        assert made.returncode == 0, made.stderr
        assert ("There is no uv for this machine" in made.stderr) is (machine == "no-uv")
        clone.index.files["uv"] = files
        return clone

    return begin


@pytest.fixture
def clone(request: pytest.FixtureRequest, begun: Callable[[str], Clone], tmp_path: Path) -> Clone:
    return begun(getattr(request, "param", "uv")).copied(tmp_path / "clone")


def require_pins(clone: Clone, command: str) -> None:
    installed = clone.installed(command)
    expected = clone.expected(command)
    assert len(expected) >= len(clone.pins[SETS[command][-1]]) / 2, "the locks were read"
    assert {name: installed.get(name) for name in expected} == expected
    assert NEWER not in installed.values()


@pytest.mark.parametrize(
    ("command", "clone", "pip"),
    [
        *(
            pytest.param(command, "uv", "bundled", marks=() if command == "demo" else pytest.mark.nightly)
            for command in SETS
        ),
        pytest.param("demo", "no-uv", "bundled", marks=pytest.mark.nightly),
        ("bench", "no-uv", "newest"),
    ],
    indirect=["clone"],
)
def test_the_pins_are_installed_despite_newer_releases(command: str, pip: str, clone: Clone) -> None:
    if pip == "newest":
        put_newest_pip(clone.root / ".build" / "venv")
    require_pins(clone, command)


def put_newest_pip(environment: Path) -> None:
    """The one that the tests' own environment has, which `make lock` keeps new."""
    (there,) = (environment / "lib").glob("python*/site-packages")
    here = Path(sysconfig.get_path("purelib"))
    for old in there.glob("pip*"):
        shutil.rmtree(old)
    for new in [here / "pip", *here.glob("pip-*.dist-info")]:
        shutil.copytree(new, there / new.name)


def test_localstack_is_installed_with_a_python_that_is_new_enough(clone: Clone, tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    told = f'echo "$*" >> "{asked}"; case "$*" in *version_info*) exit 0;; esac; exec {_base_python()} "$@"'
    pretend_python(clone, tmp_path, told)
    made = clone.make(LOCALSTACK)
    assert made.returncode == 0, made.stderr
    if sys.version_info < (3, 13):
        assert "-m venv" in asked.read_text()
    (found,) = clone.root.glob(".build/venv-localstack/lib/python*/site-packages/localstack_core-*.dist-info")
    assert found.name == f"localstack_core-{version_of(clone, 'localstack-core')}.dist-info"


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="this Python is new enough for LocalStack")
def test_without_a_python_for_localstack_it_is_said_and_nothing_fails(clone: Clone, tmp_path: Path) -> None:
    pretend_python(clone, tmp_path, "exit 1")
    made = clone.make(LOCALSTACK)
    assert made.returncode == 0, made.stderr
    assert "No Python 3.13 or newer here" in made.stdout
    assert not (clone.root / ".build" / "venv-localstack").exists()


LOCALSTACK = ".build/venv-localstack/done/localstack"


def pretend_python(clone: Clone, root: Path, script: str) -> None:
    """Put a Python of our own before any newer one of this machine."""
    folder = root / "newer"
    folder.mkdir()
    for name in ("python3.13", "python3.14"):
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    clone.environment["PATH"] = f"{folder}:{clone.environment['PATH']}"


def version_of(clone: Clone, name: str) -> str:
    return next(pin.version for pin in clone.pins["localstack"] if pin.name == name)


def test_the_readmes_command_sets_everything_up_once(new: Clone, tmp_path: Path, index: PackageIndex) -> None:
    clone = new.copied(tmp_path / "clone")
    require_pins(clone, "demo")
    index.downloads.clear()
    assert "once" not in clone.make("demo").stdout
    assert index.downloads == []


def test_an_index_is_taken_from_a_pip_conf(clone: Clone) -> None:
    del clone.environment["PIP_CONFIG_FILE"], clone.environment["PIP_INDEX_URL"]
    folder = Path(clone.environment["HOME"]) / ".config" / "pip"
    folder.mkdir(parents=True)
    (folder / "pip.conf").write_text(
        f"[global]\nindex-url = {clone.index.url}\nextra-index-url = file:///nowhere/simple\n"
    )
    require_pins(clone, "demo")
    assert installer(clone, "aiohttp") == "uv"


def test_what_only_pip_can_do_is_left_to_pip(clone: Clone) -> None:
    """As with a keyring, here."""
    clone.environment["PIP_KEYRING_PROVIDER"] = "import"
    require_pins(clone, "demo")
    assert installer(clone, "aiohttp") == "pip"


def installer(clone: Clone, name: str) -> str:
    """The tool that has installed a package, by its own word."""
    (told,) = clone.root.glob(f".build/venv/lib/python*/site-packages/{name}-*.dist-info/INSTALLER")
    return told.read_text().strip()


@contextmanager
def held_up(clone: Clone, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """A set-up that waits for files, in the middle of installing."""
    clone.index.asked.clear()
    clone.index.holding.clear()
    with subprocess.Popen(  # noqa: S603 - our own
        clone.command(*arguments),
        env=clone.environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        process_group=0,
    ) as process:
        try:
            assert clone.index.asked.wait(SECONDS)
            yield process
        finally:
            clone.index.holding.set()
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.parametrize(
    ("how", "before", "command"),
    [
        (signal.SIGKILL, None, "demo"),
        pytest.param(signal.SIGTERM, None, "audit", marks=pytest.mark.nightly),
        (signal.SIGINT, None, "audit"),
        pytest.param(signal.SIGKILL, "demo", "bench", marks=pytest.mark.nightly),
    ],
    ids=["killed", "ended", "interrupted", "killed-half-way"],
)
def test_a_set_up_that_was_cut_off_is_done_again(
    how: signal.Signals, before: str | None, command: str, clone: Clone
) -> None:
    if before:
        require_pins(clone, before)
    with held_up(clone, command) as process:
        os.killpg(process.pid, how)
        clone.index.holding.set()
        said, _ = process.communicate(timeout=SECONDS)
    assert process.returncode != 0
    if how is signal.SIGINT:
        assert "The next call of make starts this set-up over." in said
    again = clone.make(command)
    assert again.returncode == 0 or command == "audit", again.stderr
    assert "was not finished. Starting it over ..." in again.stderr
    require_pins(clone, command)


def test_a_python_without_pip_is_given_one(new: Clone, tmp_path: Path) -> None:
    """As Debian's is, which has the package python3-venv and not python3-pip."""
    clone = new.copied(tmp_path / "clone")
    (clone.root / "shared" / "pip.py").write_text(WITHOUT_PIP)
    require_pins(clone, "demo")
    clone.environment["PIP_KEYRING_PROVIDER"] = "import"
    require_pins(clone, "fuzz")


def test_two_at_a_time_do_not_meet(clone: Clone) -> None:
    with held_up(clone, "demo") as first:
        second = subprocess.Popen(  # noqa: S603 - our own
            clone.command("demo"), env=clone.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        with second:
            assert second.stderr
            assert "Waiting for another process" in second.stderr.readline()
            clone.index.holding.set()
            told, _ = second.communicate(timeout=SECONDS)
        first.communicate(timeout=SECONDS)
    assert (first.returncode, second.returncode) == (0, 0)
    assert json.loads(told.splitlines()[-1]).items() >= clone.expected("demo").items()


FULL = """
set -e
mount -t tmpfs -o size=$1 tmpfs .build
if make PYTHON=$2 demo; then exit 1; fi
mount -o remount,size=1g tmpfs .build
make PYTHON=$2 demo
"""


@pytest.mark.parametrize(
    "size",
    [
        pytest.param("16k", id="no-room-for-python"),
        pytest.param("400k", id="no-room-for-packages", marks=pytest.mark.nightly),
    ],
)
def test_a_full_disk_is_told_and_with_room_the_next_call_works(size: str, new: Clone, tmp_path: Path) -> None:
    if subprocess.run(["unshare", "-Urm", "true"], capture_output=True, check=False).returncode:  # noqa: S607
        pytest.skip("no namespaces of a user's own on this machine")
    clone = new.copied(tmp_path / "clone")
    (clone.root / ".build").mkdir(exist_ok=True)
    ended = subprocess.run(  # noqa: S603 - our own
        ["unshare", "-Urm", "bash", "-c", FULL, "full", size, _base_python()],  # noqa: S607
        cwd=clone.root,
        env=clone.environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert re.search(
        r"The disk of \S+ is full \(\d+ MiB are free\)\. Make room on it\.\nThen call make again", ended.stderr
    )
    assert json.loads(ended.stdout.splitlines()[-1]).items() >= clone.expected("demo").items()
