"""`uv tool install .` in an empty home, and the installed program at the main job: 28 days of both seed exports."""

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from local.artifact import ROOT
from local.setup.settings import uv_environment
from local.standin.accounts import DEMO_ACCESS_KEY, DEMO_PROJECT_ID, DEMO_REGION, DEMO_SECRET_KEY
from local.standin.server import VendorStandIn
from workspace_exports.core.clock import utc_now
from workspace_exports.exports.windows import LATE_DATA

pytestmark = pytest.mark.long

LAST = (utc_now() - LATE_DATA).date() - timedelta(days=1)
DAYS = 28


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def from_index() -> dict[str, str]:
    """What uv needs to install from where pip would."""
    environment = uv_environment()
    if environment is None:
        pytest.skip("uv cannot do what pip is set to do")
    return environment


def uv(environment: dict[str, str], *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "uv", *arguments], env=environment, check=True, cwd=ROOT)  # noqa: S603


@pytest.fixture(scope="module")
def installed(home: Path, from_index: dict[str, str]) -> dict[str, str]:
    """The environment of a user who has installed the program and has nothing else."""
    own = {"HOME": str(home), "UV_TOOL_BIN_DIR": str(home / "bin"), "UV_TOOL_DIR": str(home / "tools")}
    uv(from_index | own, "tool", "install", "--quiet", "--python", sys.executable, ".")
    return {"HOME": str(home), "PATH": f"{home / 'bin'}:/usr/bin:/bin"}


@pytest.fixture
def vendor(installed: dict[str, str]) -> Iterator[VendorStandIn]:
    with VendorStandIn(task_seconds=0) as vendor:
        yield vendor


def start(environment: dict[str, str], home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603 - our own
        [home / "bin" / "workspace-exports", *arguments],
        env=environment,
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_installed_program_archives_28_days_of_both_seed_exports(
    installed: dict[str, str], home: Path, vendor: VendorStandIn
) -> None:
    environment = installed | {
        "HUAWEICLOUD_SDK_AK": DEMO_ACCESS_KEY,
        "HUAWEICLOUD_SDK_SK": DEMO_SECRET_KEY,
        "HUAWEICLOUD_SDK_PROJECT_ID": DEMO_PROJECT_ID,
        "WORKSPACE_REGION": DEMO_REGION,
        "WORKSPACE_ENDPOINT": vendor.url,
        "POLL_SHORTEST_WAIT_SECONDS": "1",
        "ARCHIVE_KINDS": "connection-records,app-user-access",
    }
    assert start(environment, home, "doctor", "--archive", "archive").returncode == 0
    days = ("--from", str(LAST - timedelta(days=DAYS - 1)), "--to", str(LAST))
    ended = start(environment, home, "run", "--archive", "archive", "--at-once", "10", *days)
    assert ended.returncode == 0, ended.stderr
    assert f"{2 * DAYS} planned, {2 * DAYS} landed" in ended.stdout
    assert len(list((home / "archive" / "manifests").rglob("*.json"))) == 2 * DAYS
    assert "Everything is intact." in start(environment, home, "verify", "--archive", "archive").stdout
    assert "</html>" in (home / "archive" / "coverage.html").read_text(encoding="utf-8")
    shown = start(environment, home, "coverage", "--archive", "archive")
    assert (shown.returncode, shown.stdout.startswith(f"All {2 * DAYS} days archived")) == (0, True)


def test_the_version_is_the_projects(installed: dict[str, str], home: Path) -> None:
    assert start(installed, home, "--version").stdout == f"workspace-exports {_version()}\n"


def test_the_wheel_holds_the_library_and_nothing_of_the_tools(from_index: dict[str, str], tmp_path: Path) -> None:
    uv(from_index, "build", "--quiet", "--wheel", "--out-dir", str(tmp_path))
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    sources = [path.relative_to(ROOT / "shared") for path in (ROOT / "shared" / "workspace_exports").rglob("*")]
    ours = {str(path) for path in sources if path.suffix in {".py", ".css", ".js", ".html"}}
    assert {name for name in names if ".dist-info/" not in name} == ours
    assert any(name.endswith("licenses/LICENSE") for name in names)


def _version() -> str:
    return next(
        line.split('"')[1]
        for line in (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
        if line.startswith("version = ")
    )
