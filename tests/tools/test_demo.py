"""`make demo`, run as a user runs it: it archives what it says, and leaves nothing running however it ends."""

import io
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar, Self, cast

import httpx
import psutil
import pytest
from rich.console import Console

from local.artifact import ROOT
from local.demo.__main__ import main
from local.demo.collect import Checked, copy_archive, objection
from local.demo.display import show_archive, show_progress
from local.demo.faults import Faults, parse_faults
from local.demo.stage import Stage
from local.demo.watch import Progress, Snapshot
from local.engine.polling import poll
from local.standin.faults.catalogue import FAULTS, PASSING, Course
from local.terminal import open_console
from workspace_exports.archive.manifests import Manifest
from workspace_exports.storage.store import open_store

OUTCOMES_SECONDS = 60


AMBIENT = {
    "AWS_PROFILE": "nobody",
    "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9",
    "AWS_SESSION_TOKEN": "somebody-elses",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "HUAWEICLOUD_SDK_AK": "somebody-elses",
    "POLL_DEADLINE_SECONDS": "none",
    "WORKSPACE_ENDPOINT": "nowhere",
}
"""What the developer's terminal may hold, and is none of the demo's business."""


@contextmanager
def demo(folder: Path, *options: str) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "local.demo", "--folder", str(folder), *options]
    environment = os.environ | {"PYTHONPATH": f"{ROOT / 'shared'}:{ROOT}", "PYTHONUNBUFFERED": "1"} | AMBIENT
    with subprocess.Popen(  # noqa: S603 - our own
        command,
        cwd=ROOT,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        process_group=0,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_it_archives_what_it_says(tmp_path: Path) -> None:
    with demo(tmp_path, "--days", "1", "--task-seconds", "0.2") as process:
        output, _ = process.communicate(timeout=OUTCOMES_SECONDS)
    assert process.returncode == 0, output
    assert "3 planned, 0 running, 3 landed, 0 failed" in output
    assert "3 planned, 3 landed, 0 already there, 0 empty, 0 under way, 0 failed; 0 at risk, 0 lost." in output
    assert "All 3 exports archived and verified." in output
    manifests = list((tmp_path / "archive" / "manifests").rglob("*.json"))
    assert len(manifests) == 3
    store = open_store((tmp_path / "archive").as_uri())
    for path in manifests:
        manifest = Manifest.model_validate_json(path.read_bytes())
        assert sum(map(len, store.chunks(manifest.key or ""))) == manifest.size_bytes


def test_what_passes_is_thrown_and_everything_is_archived_all_the_same(tmp_path: Path) -> None:
    with demo(tmp_path, "--days", "1", "--task-seconds", "0.2", "--faults", "50% server-error lost-answer") as process:
        output, _ = process.communicate(timeout=OUTCOMES_SECONDS)
    assert process.returncode == 0, output
    said = re.search(r"3 landed, 0 failed; (\d+) faults met\nThrown at (\d+) calls to the vendor: \1 faults\n", output)
    assert said, output
    counts = dict(re.findall(r"^ +(\d+)  (server-error|lost-answer) ", output, re.MULTILINE))
    assert sum(map(int, counts)) == int(said[1]) < int(said[2])
    assert "All 3 exports archived and verified." in output


def test_what_does_not_pass_is_reported_and_the_exit_code_says_so(tmp_path: Path) -> None:
    with demo(tmp_path, "--days", "1", "--task-seconds", "0.2", "--faults", "bad-request 50%") as process:
        output, _ = process.communicate(timeout=OUTCOMES_SECONDS)
    assert process.returncode == 1, output
    assert re.search(r"Rejected: .*WKS\.00211102: Invalid parameter", output)
    assert re.search(r"FAILED: 3 exports were asked for, [0-2] are archived", output)
    assert "All 3" not in output


NOT_OFFERED = {"revoked-token", "throttled-for-an-hour"}


class TestFaults:
    @pytest.mark.parametrize(
        ("text", "rate", "names"),
        [
            ("throttled lost-answer", 0.2, ("throttled", "lost-answer")),
            ("html-page,5%,throttled", 0.05, ("html-page", "throttled")),
            (" 12.5%  throttled throttled", 0.125, ("throttled",)),
        ],
    )
    def test_a_rate_and_names_are_read(self, text: str, rate: float, names: tuple[str, ...]) -> None:
        assert parse_faults(text) == Faults(rate, names)

    def test_a_rate_alone_is_that_of_all_that_pass_in_sight_of_the_demo(self) -> None:
        assert parse_faults("50%") == Faults(0.5, tuple(name for name in FAULTS if name in PASSING - NOT_OFFERED))

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("", "give a rate like 20%"),
            ("thunder", "no fault is called 'thunder'; FAULTS=help lists the names, a rate is written like 20%"),
            ("0.2", "no fault is called '0.2'"),
            ("10% throttled 20%", "10% and 20% are two rates"),
            ("0%", "0% is no rate for a demo: give more than 0% and at most 50%"),
            ("51%", "51% is no rate"),
            ("task-stuck", "task-stuck is not offered here"),
            ("revoked-token", "revoked-token is not offered here"),
        ],
    )
    def test_anything_else_is_told_what_to_change(self, text: str, says: str) -> None:
        with pytest.raises(ValueError, match=re.escape(says)):
            parse_faults(text)

    def test_help_lists_all_and_starts_nothing(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(sys, "argv", ["demo", "--faults", "help"])
        with pytest.raises(SystemExit) as ended:
            main()
        assert not ended.value.code
        said, _ = capsys.readouterr()
        assert "Starting" not in said
        offered = [name for name, named in FAULTS.items() if f"  {name} " in said and named.says in said]
        assert set(offered) == {name for name in FAULTS if FAULTS[name].course is not Course.LASTS} - NOT_OFFERED


class TestRefusals:
    @pytest.fixture
    def refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> Callable[..., str]:
        """What is said instead of a demo."""

        def refused(*options: str) -> str:
            monkeypatch.setattr(sys, "argv", ["demo", "--folder", str(tmp_path), *options])
            with pytest.raises(SystemExit, match="2"):
                main()
            return "".join(capsys.readouterr())

        return refused

    def test_an_impossible_day_is_refused_with_advice(self, refused: Callable[..., str]) -> None:
        assert "--days" in refused("--days", "0")

    def test_a_fault_that_is_none_is_refused_with_help(self, refused: Callable[..., str]) -> None:
        said = refused("--faults", "thunder")
        assert "FAULTS=help" in said
        assert "Starting" not in said

    def test_an_archive_it_has_not_made_is_refused_with_help_before_anything_starts(
        self, refused: Callable[..., str], tmp_path: Path
    ) -> None:
        (tmp_path / "archive" / "data").mkdir(parents=True)
        said = refused()
        assert "Starting" not in said
        assert "was not made by the demo, which would replace it: move it away, or name another folder" in said
        assert (tmp_path / "archive" / "data").is_dir()


class TestOutput:
    """Every terminal can show it."""

    MANIFEST: ClassVar = {
        "kind": "connection-records",
        "window": SimpleNamespace(day="2026-11-20"),
        "size_bytes": 7558,
        "sha256": "7c00b37d1e7f" + "0" * 52,
    }
    SNAPSHOT: ClassVar = [
        Progress("app-user-access", f"2026-11-{day}", status, "Look at the task")
        for day, status in enumerate(("RUNNING", "SUCCEEDED", "FAILED"), start=18)
    ]

    def shown(self, encoding: str, *, live: bool) -> str:
        """All the demo draws, on a terminal or in a file of that encoding; what it lacks is an error."""
        file = io.TextIOWrapper(raw := io.BytesIO(), encoding=encoding, errors="strict")
        console = Console(file=file, width=80, force_terminal=live)
        show_progress(console, [Snapshot(3, self.SNAPSHOT)])
        checked = cast("Checked", SimpleNamespace(manifest=SimpleNamespace(**self.MANIFEST), fault=None))
        show_archive(console, [checked], Path(".demo/archive"))
        file.flush()
        return raw.getvalue().decode(encoding)

    @pytest.mark.parametrize("live", [True, False])
    @pytest.mark.parametrize("encoding", ["ascii", "iso8859-1"])
    def test_a_terminal_without_unicode_is_spared_it(self, encoding: str, live: bool) -> None:  # noqa: FBT001 - a case
        output = self.shown(encoding, live=live)
        assert output.isascii()
        assert "7c00b37d1e7f..." in output
        assert ("!!" in output) is live

    def test_any_other_terminal_gets_the_signs(self) -> None:
        assert {"…", "✓", "✗", "┃"} <= set(self.shown("utf-8", live=True))

    def test_words_a_terminal_lacks_are_spelt_out(self, monkeypatch: pytest.MonkeyPatch) -> None:
        output = io.TextIOWrapper(raw := io.BytesIO(), encoding="ascii", errors="strict")
        monkeypatch.setattr(sys, "stdout", output)
        open_console().print("FAILED: \u78c1\u76d8")
        output.flush()
        assert raw.getvalue() == b"FAILED: \\u78c1\\u76d8\n"


class TestFolder:
    def test_a_new_folder_and_the_demos_own_are_taken(self, tmp_path: Path) -> None:
        assert objection(tmp_path / "archive") is None
        copy_archive(EMPTY_STAGE, tmp_path / "archive")
        (tmp_path / "archive" / "left").touch()
        assert objection(tmp_path / "archive") is None
        copy_archive(EMPTY_STAGE, tmp_path / "archive")
        assert not (tmp_path / "archive" / "left").exists()

    def test_nothing_that_appeared_meanwhile_is_replaced(self, tmp_path: Path) -> None:
        (tmp_path / "archive").mkdir()
        with pytest.raises(FileExistsError, match="was not made by the demo"):
            copy_archive(EMPTY_STAGE, tmp_path / "archive")


@pytest.mark.parametrize(
    "how",
    [
        signal.SIGINT,
        signal.SIGKILL,
        pytest.param(signal.SIGTERM, marks=pytest.mark.long),
        pytest.param(signal.SIGHUP, marks=pytest.mark.nightly),
    ],
)
def test_ended_half_way_it_leaves_no_process_behind(how: signal.Signals, tmp_path: Path) -> None:
    with demo(tmp_path, "--days", "1", "--task-seconds", "3600") as process:
        workers = poll(lambda: looking(process), timeout_seconds=OUTCOMES_SECONDS, waiting_for="the first look")
        process.send_signal(how)
        process.communicate(timeout=OUTCOMES_SECONDS)
        assert process.returncode != 0
        poll(
            lambda: all(not worker.is_running() for worker in workers) or None,
            timeout_seconds=30,
            waiting_for="the end of every worker",
        )


@pytest.mark.long
def test_the_api_is_served_until_ctrl_c_and_the_outcome_is_that_of_the_run(tmp_path: Path) -> None:
    with demo(tmp_path, "--days", "1", "--task-seconds", "0.2", "--serve") as process:
        said = output_until(process, "curl ")
        children = psutil.Process(process.pid).children(recursive=True)
        assert children
        line = re.search(r"curl --aws-sigv4 aws:amz:us-east-1:execute-api --user \S+ (http://\S+)/coverage$", said)
        assert line, said
        assert httpx.get(f"{line[1]}/coverage", trust_env=False).status_code == 403
        assert httpx.get(f"{line[1]}/docs", trust_env=False).status_code in {200, 404}
        # As a terminal does it: everybody in the foreground hears of it.
        os.killpg(process.pid, signal.SIGINT)
        ending, _ = process.communicate(timeout=OUTCOMES_SECONDS)
    assert process.returncode == 0, said + ending
    assert "All 3 exports archived and verified." in said
    assert ending.strip() == "Stopped; nothing is left running"
    assert not [child for child in children if child.is_running()]


def output_until(process: "subprocess.Popen[str]", word: str) -> str:
    """What it says up to the line that holds the word."""
    assert process.stdout
    said = ""
    for line in process.stdout:
        said += line
        if word in line:
            return said
    raise AssertionError(said)


class EmptyStorage:
    """An archive without a single object."""

    def get_paginator(self, _operation: str) -> Self:
        return self

    def paginate(self, **_: str) -> list[dict[str, Any]]:
        return [{}]


EMPTY_STAGE = cast(
    "Stage",
    SimpleNamespace(
        engine=SimpleNamespace(client=lambda _: EmptyStorage()),
        stack=SimpleNamespace(outputs={"ArchiveUrl": "s3://bucket/prefix"}),
    ),
)


def looking(process: "subprocess.Popen[str]") -> list[Any] | None:
    """The demo's workers, once both an order and a look are under way."""
    children = psutil.Process(process.pid).children(recursive=True)
    return children if len(children) >= 3 else None
