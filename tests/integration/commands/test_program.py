"""The program around its commands: help, usage, exit codes, configuration, pipes, terminals, completion."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.artifact import ROOT
from tests.support.commands import run
from workspace_exports.commands.configuration import SECRETS, known_names
from workspace_exports.commands.program import COMMANDS
from workspace_exports.exports import EXPORTS

NAMES = [entry.name for entry in COMMANDS]
LAUNCHER = ROOT / "local" / "make" / "workspace-exports.sh"
Program = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, which is home and where the program is started; no settings."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def program(place: Path) -> Program:
    """Runs the program in a process of its own."""

    def start(*arguments: str, **options: Any) -> "subprocess.CompletedProcess[str]":
        variables = options.pop("variables", {})
        streams: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL}
        return subprocess.run(  # noqa: S603
            [sys.executable, "-m", "workspace_exports.commands", *arguments],
            env={"PATH": os.environ["PATH"], "HOME": str(place), "PYTHONPATH": str(ROOT / "shared"), **variables},
            text=True,
            check=False,
            **(streams | options),
        )

    return start


def without_frames(text: str) -> str:
    return " ".join(re.sub("[│╭╮╰╯─]", " ", text).split())


class TestUsage:
    @pytest.mark.parametrize("name", [*NAMES, "sweep"])
    def test_every_command_has_a_help(self, name: str, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(name, "--help") == 0
        shown = capsys.readouterr()
        assert f"Usage: workspace-exports {name}" in shown.out
        assert shown.err == ""

    @pytest.mark.parametrize("name", NAMES)
    def test_a_command_that_reports_has_json(self, name: str, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
        run(name, "--help")
        # policy prints a JSON document in any case, and init reports nothing.
        assert ("--json" in capsys.readouterr().out) is (name not in {"policy", "init"})

    def test_the_help_lists_the_commands_and_the_exit_codes(
        self, place: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run("--help") == 0
        shown = without_frames(capsys.readouterr().out)
        assert [name for name in NAMES if f" {name} " not in shown] == []
        assert "sweep" not in shown
        assert "130 interrupted" in shown

    @pytest.mark.parametrize("name", ["", *NAMES])
    def test_a_narrow_terminal_gets_narrow_lines(
        self, name: str, place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("COLUMNS", "40")
        assert run(*name.split(), "--help") == 0
        assert max(len(line) for line in capsys.readouterr().out.splitlines()) <= 40

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            ((), "Usage: workspace-exports"),
            (("tidy",), "No such command 'tidy'"),
            (("verfy",), "Did you mean 'verify'"),
            (("--colour",), "No such option: --colour"),
            (("verify", "--jsn"), "No such option: --jsn"),
            (("verify", "surplus"), "unexpected extra argument"),
            (("prune", "--older-than-hours", "soon"), "should be a valid number"),
            (("revoke", "connection-records", "2026-11-20"), "Missing option '--why'"),
            (("revoke", "connection-records", "today", "--why", "x", "--archive", "."), "must be a day"),
            (("--config", "nowhere.toml", "kinds"), "There is no file nowhere.toml"),
            (("verify",), "No archive is named"),
            (("verify", "--archive", "nowhere"), "There is no folder"),
            (("coverage", "--archive", "nowhere"), "There is no folder"),
            (("prune", "--archive", "nowhere"), "There is no folder"),
            (("kinds", "logins"), "'logins' is not known"),
            (("policy", "--kinds", "desktop"), "did you mean desktops"),
            (("run",), "WORKSPACE_REGION is missing"),
            (("plan",), "ARCHIVE_URL is missing"),
            (("init",), "There is no terminal to ask on"),
        ],
        ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
    )
    def test_a_mistake_is_2_and_told_on_standard_error(
        self, arguments: tuple[str, ...], says: str, place: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(*arguments) == 2
        shown = capsys.readouterr()
        assert says in without_frames(shown.err or shown.out)
        assert bool(shown.err) or not arguments
        assert "Traceback" not in shown.err

    def test_a_file_that_cannot_be_written_is_told(self, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (place / "archive").mkdir()
        assert run("coverage", "--archive", "archive", "--html", "no/such/folder.html") == 2
        assert capsys.readouterr().err == "no/such/folder.html: No such file or directory\n"

    def test_the_version_is_told(self, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert run("--version") == 0
        assert capsys.readouterr().out.startswith("workspace-exports")


@pytest.mark.check
class TestPipesAndTerminals:
    @pytest.fixture
    def closed(self) -> int:
        """The writing end of a pipe that has no reader."""
        reading, writing = os.pipe()
        os.close(reading)
        return writing

    @pytest.mark.parametrize("arguments", [("kinds",), ("kinds", "--json"), ("policy",), ("--help",)], ids=" ".join)
    def test_a_closed_output_ends_a_command_without_a_word(
        self, arguments: tuple[str, ...], closed: int, program: Program
    ) -> None:
        ended = program(*arguments, stdout=closed)
        assert (ended.returncode, "Traceback" in ended.stderr, "Exception" in ended.stderr) == (1, False, False)

    def test_messages_without_a_reader_stop_nothing(self, closed: int, program: Program, place: Path) -> None:
        (place / "archive" / "manifests").mkdir(parents=True)
        ended = program("coverage", "--archive", "archive", "--html", "page.html", "--json", stderr=closed)
        assert ended.returncode == 0
        assert json.loads(ended.stdout)["series"] == []
        assert (place / "page.html").exists()

    @pytest.mark.parametrize(
        ("variables", "coloured"),
        [({}, False), ({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False)],
    )
    def test_colours_are_for_terminals_and_no_color_turns_them_off(
        self, variables: dict[str, str], *, coloured: bool, program: Program
    ) -> None:
        ended = program("verify", "--archive", "nowhere", variables=variables)
        assert ended.returncode == 2
        assert ("\x1b[31m" in ended.stderr) is coloured

    @pytest.mark.check
    def test_an_output_that_is_ascii_only_shows_other_characters_as_escapes(self, program: Program) -> None:
        ended = program("verify", "--archive", "nöwhere", variables={"PYTHONIOENCODING": "ascii", "LC_ALL": "C"})
        assert ended.returncode == 2
        assert r"n\xf6where" in ended.stderr


class TestTheConfigurationFile:
    def write(self, place: Path, text: str) -> None:
        (place / "workspace-exports.toml").write_text(text, encoding="utf-8")

    def test_stands_for_the_environment_which_wins(
        self, place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.write(
            place, 'ARCHIVE_URL = "file:///from/the/file"\nPOLL_DEADLINE_SECONDS = 60\nARCHIVE_TARGETS = false\n'
        )
        assert run("verify") == 2
        assert "There is no folder /from/the/file" in capsys.readouterr().err
        assert "ARCHIVE_URL" not in os.environ
        monkeypatch.setenv("ARCHIVE_URL", "file:///from/the/environment")
        assert run("verify") == 2
        assert "There is no folder /from/the/environment" in capsys.readouterr().err

    def test_may_lie_elsewhere(
        self, place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (place / "other.toml").write_text('ARCHIVE_URL = "file:///other"\n')
        assert run("--config", "other.toml", "verify") == 2
        monkeypatch.setenv("WORKSPACE_EXPORTS_CONFIG", str(place / "other.toml"))
        assert run("verify") == 2
        assert capsys.readouterr().err.count("There is no folder /other") == 2

    def test_a_list_of_kinds_is_one_setting(self, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.write(place, 'ARCHIVE_KINDS = ["hosts", "app-user-access"]\n')
        assert run("policy") == 0
        (statement,) = json.loads(capsys.readouterr().out)["Statement"]
        assert [action for action in statement["Action"] if "tenants" not in action] == [
            "workspace:statistics:exportAppUserAccessData",
            "workspace:wdh:export",
        ]

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("ARCHIVE_URI = 'x'", "'ARCHIVE_URI' is not a setting (did you mean ARCHIVE_URL?)"),
            ("[run]\nkinds = []", "'run' is not a setting"),
            ("HUAWEICLOUD_SDK_SK = 'canary'", "HUAWEICLOUD_SDK_SK is a secret"),
            ("WORKSPACE_REGION = 1.5", "WORKSPACE_REGION must be a text"),
            ("WORKSPACE_REGION", "is not TOML"),
            ("WORKSPACE_REGION = 'the moon'\nARCHIVE_URL = 'file:///a'", "WORKSPACE_REGION: "),
            ("WORKSPACE_REGION = 'eu-west-101'\nARCHIVE_URL = 'file:///a'\nVENDOR_ATTEMPTS = 99", "VENDOR_ATTEMPTS: "),
            (
                "ARCHIVE_KINDS = 'logins'\nARCHIVE_URL = 'file:///a'\nWORKSPACE_REGION = 'eu-west-101'",
                "ARCHIVE_KINDS: ",
            ),
        ],
    )
    def test_is_checked_as_the_environment_is(
        self, text: str, says: str, place: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.write(place, text)
        assert run("plan") == 2
        told = capsys.readouterr().err
        assert says in told
        assert "canary" not in told

    def test_every_setting_is_documented_and_no_secret_may_be_in_the_file(self) -> None:
        page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
        assert [name for name in known_names() if f"`{name}`" not in page] == []
        assert set(known_names()) & SECRETS == set()


class TestInit:
    ANSWERS = ("--region", "ap-southeast-3", "--project", "p", "--archive", "archive", "--kinds", "hosts")

    def test_writes_what_the_options_say_and_no_key(
        self, place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("HUAWEICLOUD_SDK_AK", "canary-key")
        monkeypatch.setenv("HUAWEICLOUD_SDK_SK", "canary-secret")
        # The endpoint is not there: a check fails, and --yes writes all the same.
        code = run("init", *self.ANSWERS, "--endpoint", "http://127.0.0.1:9", "--yes")
        told = capsys.readouterr()
        assert code == 1
        assert "connection to 127.0.0.1:9" in told.err
        assert (place / "workspace-exports.toml").read_text() == (
            'WORKSPACE_REGION = "ap-southeast-3"\n'
            'WORKSPACE_ENDPOINT = "http://127.0.0.1:9"\n'
            'HUAWEICLOUD_SDK_PROJECT_ID = "p"\n'
            f'ARCHIVE_URL = "{(place / "archive").as_uri()}"\n'
            'ARCHIVE_KINDS = "hosts"\n'
        )
        assert run("policy") == 0
        assert run("init", *self.ANSWERS, "--yes") == 2
        assert "is there already" in capsys.readouterr().err

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (("--region", "ap-southest-3", "--yes"), "did you mean ap-southeast-3"),
            (("--yes",), "Give --region"),
            (("--region", "ap-southeast-3", "--kinds", "host", "--yes"), "did you mean hosts"),
        ],
    )
    def test_a_wrong_answer_is_told(
        self, arguments: tuple[str, ...], says: str, place: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run("init", *arguments) == 2
        assert says in capsys.readouterr().err
        assert list(place.iterdir()) == []

    @pytest.mark.parametrize(
        "before", [None, (ROOT / "samconfig.toml").read_text(encoding="utf-8")], ids=["none", "ours"]
    )
    def test_for_a_deployment_writes_the_parameters(self, before: str | None, place: Path) -> None:
        if before:
            (place / "samconfig.toml").write_text(before, encoding="utf-8")
        secret = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:workspace-AbCdEf"
        arguments = ("init", "--deploy", "--region", "ap-southeast-3", "--project", "", "--source", secret)
        assert run(*arguments) == 0
        written = tomllib.loads((place / "samconfig.toml").read_text(encoding="utf-8"))["default"]["deploy"][
            "parameters"
        ]
        assert written["parameter_overrides"] == ["WorkspaceRegion=ap-southeast-3", f"CredentialsSecretArn={secret}"]
        assert written["template_file"] == "template.yaml"
        assert run(*arguments) == 2


@pytest.mark.check
class TestCompletion:
    @pytest.fixture
    def on_path(self, place: Path) -> dict[str, str]:
        """The launcher that make copies, in a virtual environment of a checkout, on the path."""
        checkout = place / "checkout"
        binaries = checkout / ".build" / "venv" / "bin"
        binaries.mkdir(parents=True)
        (checkout / "shared").symlink_to(ROOT / "shared")
        shutil.copy(LAUNCHER, binaries / "workspace-exports")
        (binaries / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        (binaries / "python").chmod(0o755)
        return {"PATH": f"{binaries}:{os.environ['PATH']}", "HOME": str(place)}

    @pytest.mark.parametrize(
        ("words", "completed"),
        [
            (("ver",), ["verify"]),
            (("export", "connection"), ["connection-records"]),
            (("kinds", "app-user-a"), ["app-user-access"]),
            (("run", "--kinds", "hosts,app-user-a"), ["hosts,app-user-access"]),
            (("verify", "--arch"), ["--archive"]),
        ],
        ids=str,
    )
    def test_bash_completes_commands_kinds_and_options(
        self, words: tuple[str, ...], completed: list[str], on_path: dict[str, str]
    ) -> None:
        script = (
            'eval "$(workspace-exports --show-completion)"\n'
            f"COMP_WORDS=(workspace-exports {' '.join(words)})\nCOMP_CWORD={len(words)}\n"
            "_workspace_exports_completion workspace-exports\n"
            'printf "%s\\n" "${COMPREPLY[@]}"\n'
        )
        bash = [shutil.which("bash") or "bash", "-c", script]
        ended = subprocess.run(bash, env=on_path, capture_output=True, text=True, check=True)  # noqa: S603 - our own
        assert ended.stdout.split() == completed
        assert ended.stderr == ""

    @pytest.mark.parametrize("shell", ["zsh", "fish"])
    def test_other_shells_get_their_script(self, shell: str, on_path: dict[str, str]) -> None:
        variables = on_path | {"_WORKSPACE_EXPORTS_COMPLETE": f"source_{shell}"}
        ended = subprocess.run(["workspace-exports"], env=variables, capture_output=True, text=True, check=True)  # noqa: S607
        assert "complete" in ended.stdout
        assert "workspace-exports" in ended.stdout

    def test_the_launcher_moves_with_its_folder(self, on_path: dict[str, str], place: Path) -> None:
        moved = place / "moved"
        (place / "checkout").rename(moved)
        launcher = moved / ".build" / "venv" / "bin" / "workspace-exports"
        ended = subprocess.run([launcher, "kinds", "--json"], env=on_path, capture_output=True, text=True, check=True)  # noqa: S603
        assert [one["kind"] for one in json.loads(ended.stdout)] == list(EXPORTS)
