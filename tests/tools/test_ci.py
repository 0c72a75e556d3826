"""`.ci/run` and `.ci/release` with stand-ins for make and apt-get; the limits of every workflow; the hooks."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.artifact import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
_STAND_INS = {
    "make": 'echo "make $*"; [ "$*" != "$FAILS" ]',
    "apt-get": 'echo "apt-get $*"',
    "python3.14": ":",
    **dict.fromkeys(("chromium", "npm"), ":"),
}
_BUILDS = """
architecture=${2#ARCH=}
case $1 in
  build) echo "package for $architecture" > ".build/workspace-exports-python3.14-$architecture.zip" ;;
  release)
    rm -rf .build/release && mkdir .build/release && cd .build/release
    echo "package for $architecture" > "$architecture.zip" && echo template > "$architecture.json" ;;
esac
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A repository with nothing but the scripts, what they read, and stand-ins for the programs that they call."""
    for folder in (".ci", ".build", "bin"):
        (tmp_path / folder).mkdir()
    for name in (".ci/run", ".ci/release", "Makefile", "pyproject.toml"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    for name, body in _STAND_INS.items():
        stand_in(tmp_path, name, body)
    return tmp_path


def stand_in(tree: Path, name: str, body: str) -> None:
    program = tree / "bin" / name
    program.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    program.chmod(0o755)


def run(tree: Path, script: str, *arguments: str, fails: str = "nothing") -> tuple[int, list[str]]:
    """The exit code, and the lines of the programs that were called."""
    environment = {"PATH": f"{tree / 'bin'}:{os.environ['PATH']}", "HOME": str(tree), "FAILS": fails}
    command = ["bash", str(tree / script), *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    called = [line for line in done.stdout.splitlines() if re.match(r"(make|apt-get) (?!.*: \d+ s$)", line)]
    return done.returncode, called or done.stderr.splitlines()


def made(tree: Path, *parts: str, fails: str = "nothing") -> tuple[int, list[str]]:
    """The exit code of `.ci/run`, and what it makes; of the other Python, only that coverage is measured."""
    code, lines = run(tree, ".ci/run", *parts, fails=fails)
    return code, [re.sub(r"(COVERAGE=yes).*", r"\1", line) for line in lines if not line.startswith("apt-get")]


class TestTheRun:
    def test_without_arguments_has_every_part_in_order(self, tree: Path) -> None:
        check = ["make test-page", "make audit", "make test-rest"]
        assert made(tree) == (0, ["make test", "make demo", *check, "make test COVERAGE=yes"])

    def test_has_the_parts_that_are_named(self, tree: Path) -> None:
        assert made(tree, "demo", "other-python") == (0, ["make demo", "make test COVERAGE=yes"])
        parts = ["audit", "test-check", "test-long", "test-page"]
        assert made(tree, *parts) == (0, [f"make {part}" for part in parts])

    def test_ends_with_the_first_failure(self, tree: Path) -> None:
        assert made(tree, fails="demo") == (1, ["make test", "make demo"])

    @pytest.mark.parametrize("fails", ["audit", "test-page"])
    def test_ends_with_a_failure_of_a_part_that_runs_beside_another(self, tree: Path, fails: str) -> None:
        assert made(tree, "check", fails=fails) == (1, ["make test-page", "make audit"])

    def test_refuses_an_unknown_part_before_it_makes_any(self, tree: Path) -> None:
        code, lines = run(tree, ".ci/run", "test", "tset")
        assert code == 2
        assert "no part 'tset'" in lines[0]

    def test_installs_what_the_named_parts_need(self, tree: Path) -> None:
        for name in ("chromium", "npm"):
            (tree / "bin" / name).unlink()
        path = {"PATH": f"{tree / 'bin'}:/nowhere"}
        for name in ("bash", "dirname", "id"):
            (tree / "bin" / name).symlink_to(Path("/usr/bin") / name)
        command = [str(tree / "bin" / "bash"), str(tree / ".ci" / "run")]
        for parts, packages in {("test", "demo"): "", ("audit",): "nodejs npm", ("test-page",): "chromium"}.items():
            stand_in(tree, "nproc", "echo 2")
            output = subprocess.run([*command, *parts], env=path, capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own
            assert re.findall(r"--no-install-recommends (.*)", output) == ([packages] if packages else [])


class TestARelease:
    @pytest.fixture
    def releasable(self, tree: Path) -> Path:
        stand_in(tree, "make", _BUILDS)
        text = "# Changelog\n\n## 0.2.0\n\nLater.\n\n## 0.1.0 - 2026-12-01\n\nFirst.\n\n## Before\n\nEarlier.\n"
        (tree / "CHANGELOG.md").write_text(text, encoding="utf-8")
        return tree

    def test_has_both_packages_with_templates_digests_and_notes(self, releasable: Path) -> None:
        code, lines = run(releasable, ".ci/release", "v0.1.0")
        assert (code, lines) == (0, [])
        dist = releasable / ".build" / "dist"
        files = ["arm64.json", "arm64.zip", "x86_64.json", "x86_64.zip"]
        assert sorted(path.name for path in dist.iterdir()) == sorted(["SHA256SUMS", *files, "notes.md"])
        check = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
        subprocess.run(check, cwd=dist, check=True, capture_output=True)  # noqa: S603 - our own
        notes = (dist / "notes.md").read_text(encoding="utf-8")
        assert notes.startswith("\nFirst.\n\nSHA-256 digests:")
        assert (dist / "SHA256SUMS").read_text(encoding="utf-8") in notes

    @pytest.mark.parametrize(
        ("tag", "reason"),
        [
            ("v0.2.0", "the tag is v0.2.0, but pyproject.toml says 0.1.0"),
            ("0.1.0", "the tag is 0.1.0, but pyproject.toml says 0.1.0"),
        ],
    )
    def test_of_another_version_is_refused(self, releasable: Path, tag: str, reason: str) -> None:
        code, lines = run(releasable, ".ci/release", tag)
        assert (code, lines) == (1, [f"No release: {reason}."])

    def test_without_a_date_in_the_changelog_is_refused(self, releasable: Path) -> None:
        (releasable / "CHANGELOG.md").write_text("## 0.1.0 - not released yet\n", encoding="utf-8")
        code, lines = run(releasable, ".ci/release", "v0.1.0")
        assert (code, lines) == (1, ["No release: CHANGELOG.md has no heading '## 0.1.0 - ' with a date."])

    def test_that_differs_when_built_again_is_refused(self, releasable: Path) -> None:
        stand_in(releasable, "make", _BUILDS.replace("&& echo template", "&& echo more >> arm64.zip && echo template"))
        assert run(releasable, ".ci/release", "v0.1.0")[0] == 1


def jobs(workflow: Path) -> Iterator[dict[str, Any]]:
    yield from yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"].values()


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
class TestAWorkflow:
    def test_pins_every_action_by_its_commit_and_names_the_release(self, workflow: Path) -> None:
        uses = re.findall(r"uses: (.*)", workflow.read_text(encoding="utf-8"))
        assert uses
        assert [use for use in uses if not re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use)] == []

    def test_limits_time_and_permissions(self, workflow: Path) -> None:
        document = yaml.safe_load(workflow.read_text(encoding="utf-8"))
        assert document["permissions"] in ({}, {"contents": "read"})
        assert document["concurrency"]["group"]
        assert all("timeout-minutes" in job for job in jobs(workflow))
        writing = [job for job in jobs(workflow) if "write" in job.get("permissions", {}).values()]
        assert not any(step.get("uses", "").startswith("actions/checkout@") for job in writing for step in job["steps"])


def test_ci_on_github_has_every_part(tree: Path) -> None:
    (job,) = jobs(ROOT / ".github" / "workflows" / "ci.yml")
    parts = " ".join(row["parts"] for row in job["strategy"]["matrix"]["include"]).split()
    assert set(parts) == {"test", "demo", "audit", "test-check", "test-long", "test-page", "other-python"}
    assert made(tree, *parts)[0] == 0


def test_every_hook_calls_the_projects_own_environment() -> None:
    repos = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    assert [repo["repo"] for repo in repos] == ["local"]
    hooks = {hook["id"]: hook["entry"] for repo in repos for hook in repo["hooks"]}
    assert [name for name, entry in hooks.items() if ".build/venv/bin/python " not in entry] == []
