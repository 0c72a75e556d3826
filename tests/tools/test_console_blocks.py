"""Exit codes and output that pages promise (F22): each console block is run and compared, or listed with a reason."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import IO, Final

import pytest

from local.artifact import ROOT
from local.standin.accounts import DEMO_ACCESS_KEY, DEMO_PROJECT_ID, DEMO_REGION, DEMO_SECRET_KEY
from local.standin.server import VendorStandIn
from tests.support.builders.examples import observed_export
from tests.support.builders.landed_files import BOOK, bring, key_of, leave_orphan
from tests.support.checks.console_blocks import Block, differences, find_blocks, pages
from workspace_exports.archive.layout import data_key
from workspace_exports.core.clock import utc_now
from workspace_exports.storage.store import open_store

START: Final = "docs/getting-started.md"
BLOCKS = [block for page in pages() for block in find_blocks(page)]

AN_ACCOUNT = "needs an AWS account with the stack"
NOT_RUN: Final[Mapping[str, str]] = {
    r"README.md: make test": "it is what runs this test; its figures are those of one day",
    r"docs/(archive|runbook).md: workspace-exports revoke": "its day is long ago; see tests/field/test_revoked_days.py",
    r"docs/archive.md: export ARCHIVE_URL=s3://BUCKET": "needs an account with Huawei OBS",
    r"docs/credentials.md: aws secretsmanager": AN_ACCOUNT,
    r"docs/deploy.md: cat credentials.json": AN_ACCOUNT,
    r"docs/deploy.md: make deploy": f"{AN_ACCOUNT}; tests/long/test_sam.py deploys to the local engine",
    r"docs/deploy.md: eval ": AN_ACCOUNT,
    r"docs/deploy.md: aws cloudformation ": AN_ACCOUNT,
    r"docs/deploy.md: make release": "takes packages from the index; tests/long/test_sam.py makes and deploys one",
    r"docs/deploy.md: make build": "takes packages from the index; tests/long/test_package.py runs it",
    r"docs/runbook.md: (STACK=|ALARM=|BUCKET=|aws |eval |log |failures )": AN_ACCOUNT,
    r"docs/releasing.md: \.ci/release": "takes packages from the index; tests/tools/test_ci.py runs it with a stub",
    r"docs/workflows.md: aws ": AN_ACCOUNT,
}
LISTED: Final[Mapping[str, int]] = {
    "README.md: make demo": 0,
    "README.md: make export KIND=connection-records DAY=2026-11-20 TO=./archive": 0,
    f"{START}: make demo": 0,
    f"{START}: make demo FAULTS=20%": 0,
    f"{START}: workspace-exports doctor --kinds connection-records,app-user-access": 1,
    f"{START}: workspace-exports export connection-records --day 2026-11-20 "
    '--filter "terminal_type=Windows 10" --archive ./archive': 0,
    f"{START}: API=http://127.0.0.1:36719    # as --serve prints it; on AWS the stack's output ApiUrl": 0,
    f"{START}: make verify ARCHIVE=.demo/archive": 0,
    "docs/archive.md: workspace-exports verify --archive ./archive": 1,
    "docs/archive.md: workspace-exports prune --archive ./archive": 0,
    "docs/deploy.md: make engine": 0,
}
"""What is run, and the exit code; make turns every failure into 2."""

A_DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def room() -> Iterator[Path]:
    """A folder in the tree, whose name is short enough for tables: paths of it are shown as relative ones."""
    (ROOT / ".build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT / ".build", prefix="console-") as folder:
        yield Path(folder)


def block(beginning: str) -> Block:
    (found,) = (one for one in BLOCKS if one.name == beginning)
    return found


def script(*commands: str) -> list[str | Path]:
    """The commands in bash, a line's end behind each; make installs nothing, since these tests run on what it needs."""
    venv = Path(sys.prefix)
    make = f"make --no-print-directory -C '{ROOT}' -o '{venv}/done/local' -o '{venv}/done/python' VENV='{venv}'"
    function = f'make() {{ command {make} "$@"; }}'
    bash = shutil.which("bash")
    assert bash
    program = f"PYTHONPATH='{ROOT}/shared' '{sys.executable}' -m workspace_exports.commands"
    functions = [function, f'workspace-exports() {{ {program} "$@"; }}']
    return [bash, "-c", "\n".join(["shopt -s expand_aliases", *functions, "\necho\n".join(commands)])]


def environment(**more: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "PYTHONUNBUFFERED": "1"} | more


def run(*commands: str, folder: Path, **more: str) -> tuple[int, str]:
    """The code, and all that was printed."""
    done = subprocess.run(  # noqa: S603 - our own
        script(*commands),
        cwd=folder,
        env=environment(HOME=str(folder), **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def assert_run(one: Block, replaced: Mapping[str, str], folder: Path, *, in_order: bool = True, **more: str) -> None:
    """Runs the block with its names replaced, and compares its code and the shape of what it printed."""
    code, output = run(*(_replaced(command, replaced) for command in one.commands), folder=folder, **more)
    assert differences(one.output, _told(output, replaced), in_order=in_order) == [], output
    assert code == LISTED[one.name], output


def _replaced(text: str, names: Mapping[str, str]) -> str:
    for name, other in names.items():
        text = text.replace(name, other)
    return text


def _told(text: str, names: Mapping[str, str]) -> list[str]:
    """Without make's own last word, and with the names of the page."""
    lines = _replaced(text, {other: name for name, other in names.items()}).splitlines()
    return [line for line in lines if not line.startswith("make: ***")]


class TestEveryBlock:
    def test_is_run_or_listed_with_a_reason(self) -> None:
        for one in BLOCKS:
            listed = [
                reason for pattern, reason in NOT_RUN.items() if re.match(pattern, one.name) and one.name not in LISTED
            ]
            assert (one.name in LISTED) != bool(listed), f"{one.name}: run it, or say why not"

    def test_of_the_lists_is_on_a_page(self) -> None:
        names = [one.name for one in BLOCKS]
        assert set(LISTED) <= set(names)
        assert [pattern for pattern in NOT_RUN if not any(re.match(pattern, name) for name in names)] == []

    @pytest.mark.parametrize("one", BLOCKS, ids=lambda one: one.name)
    def test_is_bash(self, one: Block) -> None:
        bash = shutil.which("bash")
        assert bash
        subprocess.run([bash, "-n", "-c", "\n".join(one.commands)], check=True)  # noqa: S603 - only read


class TestTheComparison:
    @pytest.mark.parametrize(
        ("documented", "printed", "wrong"),
        [
            ("intact 6\nEverything is intact.", "intact    5\nEverything is intact.\n", []),
            ("intact 6", "changed 6", ["intact 6", "printed too: changed NUMBER"]),
            ("intact 6", "intact 6\nchanged 1", ["printed too: changed NUMBER"]),
            ("intact 6\nchanged 1", "intact 6", ["changed 1"]),
            ("first\n...\nlast", "first\nsecond\nthird\nlast", []),
            ("first\n...\nlast", "last\nfirst", ["last"]),
            ("first\n...", "second", ["first"]),
            ("file  data/….xlsx", "file  data/day=2026-11-20/a.xlsx", []),
            (
                "file  data/….xlsx",
                "file  data/day=2026-11-20/a.csv",
                ["file  data/….xlsx", "printed too: file data/day=DAY/a.csv"],
            ),
            ("at 2026-11-20T01:02:03Z of 51c82f0857d4…", "at 2020-01-01T00:00:00Z of abcdef012345…", []),
            ('{"days":7,...', '{"days":9,"more":1}', []),
        ],
    )
    def test_tells_another_shape_and_no_other_figures(self, documented: str, printed: str, wrong: list[str]) -> None:
        assert differences(documented.splitlines(), printed.splitlines()) == wrong

    def test_a_block_that_is_not_marked_is_refused(self, room: Path) -> None:
        page = room / "page.md"
        page.write_text("```\n$ make demo\n```\n")
        with pytest.raises(ValueError, match="not marked as console"):
            list(find_blocks(page))


@pytest.fixture(scope="module")
def served(room: Path) -> Iterator[list[str]]:
    """The demo as the README runs it, with its API left up: what it printed."""
    folder = (room / "demo").relative_to(ROOT)
    command = f'make demo DEMO="--serve --folder {folder}"'
    with running(command) as (_, output):
        yield list(_until(output, "  curl --aws-sigv4"))


class TestTheDemo:
    def test_prints_what_the_pages_have(self, served: list[str], room: Path) -> None:
        names = {".demo": str((room / "demo").relative_to(ROOT))}
        printed = _told("".join(served).partition("Serving the HTTP API")[0], names)
        for page in ("README.md", START):
            assert differences(block(f"{page}: make demo").output, printed) == []

    def test_serves_the_api_as_the_page_calls_it(self, served: list[str], tmp_path: Path) -> None:
        for tool in ("curl", "file"):
            if not shutil.which(tool):
                pytest.skip(f"{tool} is not installed")
        found = re.search(r"Serving the HTTP API at (\S+)", "".join(served))
        assert found
        one = block(next(name for name in LISTED if name.startswith(f"{START}: API=")))
        names = {"http://127.0.0.1:36719": found[1], "python3": sys.executable}
        first, rest = one.commands[:3], (*one.commands[:2], *one.commands[3:])
        _, ordered = run(*(_replaced(command, names) for command in first), folder=tmp_path)
        task = re.search(r"Location: /exports/(\w+)", ordered)
        assert task, ordered
        names["43f6b1aa44a94bd5be48c28b6d3084e8"] = task[1]
        code, output = run(*(_replaced(command, names) for command in rest), folder=tmp_path)
        assert differences(one.output, _told(f"{ordered}\n{output}", names)) == [], output
        assert code == LISTED[one.name]

    def test_leaves_an_archive_that_is_intact(self, served: list[str], room: Path, tmp_path: Path) -> None:
        assert_run(block(f"{START}: make verify ARCHIVE=.demo/archive"), {".demo": str(room / "demo")}, tmp_path)

    def test_copes_with_faults_as_the_page_says(self, room: Path) -> None:
        folder = str((room / "faults").relative_to(ROOT))
        one = block(f"{START}: make demo FAULTS=20%")
        assert_run(one, {"FAULTS=20%": f'FAULTS=20% DEMO="--folder {folder}"', ".demo/": f"{folder}/"}, room)


class TestAtTheVendor:
    @pytest.fixture
    def vendor(self) -> Iterator[VendorStandIn]:
        with VendorStandIn(task_seconds=0) as vendor:
            yield vendor

    @pytest.mark.parametrize("page", ["README.md", START])
    def test_an_export_prints_what_the_page_has(self, page: str, vendor: VendorStandIn, tmp_path: Path) -> None:
        one = block(next(name for name in LISTED if name.startswith(f"{page}: ") and "2026-11-20" in name))
        place = {f"{option}./archive": f"{option}{tmp_path / 'archive'}" for option in ("TO=", "--archive ")}
        names = place | {"2026-11-20": str(utc_now().date() - 2 * A_DAY)}
        assert_run(
            one,
            names,
            tmp_path,
            HUAWEICLOUD_SDK_AK=DEMO_ACCESS_KEY,
            HUAWEICLOUD_SDK_SK=DEMO_SECRET_KEY,
            HUAWEICLOUD_SDK_PROJECT_ID=DEMO_PROJECT_ID,
            WORKSPACE_REGION=DEMO_REGION,
            WORKSPACE_ENDPOINT=vendor.url,
            POLL_SHORTEST_WAIT_SECONDS="1",
        )

    def test_a_wrong_secret_is_told_as_the_page_has_it(self, vendor: VendorStandIn, tmp_path: Path) -> None:
        one = block(next(name for name in LISTED if name.startswith(f"{START}: workspace-exports doctor")))
        assert_run(
            one,
            {"/tmp/da": str(tmp_path / "da")},  # noqa: S108 - as on the page
            tmp_path,
            HUAWEICLOUD_SDK_AK=DEMO_ACCESS_KEY,
            HUAWEICLOUD_SDK_SK="wrong",
            WORKSPACE_REGION=DEMO_REGION,
            WORKSPACE_ENDPOINT=vendor.url,
            IAM_ENDPOINT=vendor.url,
            ARCHIVE_URL=(tmp_path / "da").as_uri(),
        )


class TestAnArchive:
    @pytest.fixture
    def archive(self, tmp_path: Path) -> Path:
        """As on the page: of 28 days one has changed and one is missing; an orphan, and what a killed writer left."""
        folder = tmp_path / "archive"
        folder.mkdir()
        store = open_store(folder.as_uri())
        days = [bring(store, day=f"2026-10-{day:02}") for day in range(1, 20)]
        days += [bring(store, day=f"2026-11-{day:02}") for day in range(1, 10)]
        store.write(key_of(days[6]), [b"x" * len(BOOK)])
        store.delete(key_of(days[11]))
        leave_orphan(
            store, day="2026-10-20", ordered_at="2026-10-22T04:30:00Z", task_id="2b31ed5200000000000000000edb6e58"
        )
        return folder

    def test_that_is_not_intact_is_told_as_on_the_page(self, archive: Path, tmp_path: Path) -> None:
        age(archive)
        assert_run(
            block("docs/archive.md: workspace-exports verify --archive ./archive"),
            {"./archive": str(archive)},
            tmp_path,
            in_order=False,
        )

    def test_is_swept_as_on_the_page(self, archive: Path, tmp_path: Path) -> None:
        left = data_key(observed_export(day="2026-10-21", ordered_at="2026-10-23T04:30:00Z"), "07c3a1b2", ".xlsx")
        (archive / left).parent.mkdir(parents=True)
        (archive / f"{left}#1").write_bytes(b"half")
        age(archive)
        one = block("docs/archive.md: workspace-exports prune --archive ./archive")
        assert_run(one, {"./archive": str(archive)}, tmp_path)


def age(folder: Path) -> None:
    """Days later."""
    then = (utc_now() - 3 * A_DAY).timestamp()
    for file in folder.rglob("*"):
        os.utime(file, (then, then))


def test_the_engine_prints_what_the_page_has() -> None:
    with running("make engine") as (_, output):
        printed = [line.rstrip("\n") for line in _until(output, "make deploy")]
    assert differences(block("docs/deploy.md: make engine").output, printed) == [], printed


def tamper(folder: Path) -> None:
    store = open_store(folder.as_uri())
    store.write(key_of(bring(store)), [b"x" * len(BOOK)])


def garble(folder: Path) -> None:
    store = open_store(folder.as_uri())
    store.replace(bring(store).manifest_key, b"{")


class TestExitCodes:
    """Of the program, for scripts; make has one code for every failure."""

    @pytest.mark.parametrize(
        ("arrange", "job", "code"),
        [
            (lambda folder: bring(open_store(folder.as_uri())), "verify", 0),
            (tamper, "verify", 1),
            (garble, "verify", 1),
            (lambda folder: None, "verify", 2),
            (lambda folder: folder.rmdir(), "verify", 2),
            (lambda folder: bring(open_store(folder.as_uri())), "sweep", 0),
            (lambda folder: folder.rmdir(), "sweep", 2),
            (lambda folder: bring(open_store(folder.as_uri())), "verfy", 2),
        ],
        ids=["intact", "tampered", "garbled", "empty", "no folder", "nothing to sweep", "no folder to sweep", "no job"],
    )
    def test_tell_not_intact_from_not_looked_at(
        self, arrange: Callable[[Path], object], job: str, code: int, tmp_path: Path
    ) -> None:
        folder = tmp_path / "archive"
        folder.mkdir()
        arrange(folder)
        told, output = run(f"workspace-exports {job} --archive '{folder}'", folder=tmp_path)
        assert told == code, output
        assert run(f"make {job} ARCHIVE='{folder}'", folder=tmp_path)[0] == (2 if code else 0)


@contextmanager
def running(command: str) -> Iterator[tuple["subprocess.Popen[str]", IO[str]]]:
    """A command that runs until Ctrl-C, which it gets at the end."""
    process = subprocess.Popen(  # noqa: S603 - our own
        script(command), env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, process_group=0
    )
    with process:
        assert process.stdout
        try:
            yield process, process.stdout
        finally:
            os.killpg(process.pid, signal.SIGINT)
            process.stdout.read()


def _until(lines: IO[str], beginning: str) -> Iterator[str]:
    for line in lines:
        yield line
        if line.startswith(beginning):
            break
