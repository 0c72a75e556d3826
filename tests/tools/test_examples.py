"""The examples for cron, systemd, containers and Kubernetes: as far as they can be checked without any of these."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.artifact import ROOT
from workspace_exports.commands.configuration import SECRETS, VARIABLE, known_names

EXAMPLES = ROOT / "docs" / "examples"
CONTAINERFILE = (ROOT / "Containerfile").read_text(encoding="utf-8")


def test_systemd_accepts_the_unit_and_the_timer(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no systemd-analyze here")
    for name in ("workspace-exports.service", "workspace-exports.timer"):
        text = (EXAMPLES / name).read_text(encoding="utf-8")
        # The program itself is not installed on this machine.
        (tmp_path / name).write_text(text.replace("/usr/local/bin/workspace-exports", "/bin/true"))
    done = subprocess.run(  # noqa: S603 - our own
        [analyze, "verify", *tmp_path.iterdir()], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_crontab_sets_what_the_program_reads() -> None:
    lines = (EXAMPLES / "crontab").read_text(encoding="utf-8").splitlines()
    names = {line.partition("=")[0] for line in lines if re.match(r"[A-Z_]+=", line)}
    assert names - {"MAILTO"} <= {VARIABLE, *known_names(), *SECRETS}
    (job,) = (line for line in lines if re.match(r"[\d*]", line))
    assert re.fullmatch(r"30 4 \* \* \* /usr/local/bin/workspace-exports run", job)


def test_the_cronjob_has_settings_that_the_program_reads_and_writes_nothing_but_the_archive() -> None:
    settings, cronjob = yaml.safe_load_all((EXAMPLES / "cronjob.yaml").read_text(encoding="utf-8"))
    document = tomllib.loads(settings["data"]["workspace-exports.toml"])
    assert set(document) <= set(known_names())
    pod: dict[str, Any] = cronjob["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["env"][0]["name"] == VARIABLE
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert pod["securityContext"]["runAsUser"] == int(re.findall(r"^USER (\d+)", CONTAINERFILE, re.MULTILINE)[0])


def test_the_container_copies_what_there_is_and_what_is_let_in() -> None:
    copied = [
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", CONTAINERFILE, re.MULTILINE)
        for source in line.split()[:-1]
    ]
    assert copied
    assert [source for source in copied if not (ROOT / source).exists()] == []
    let_in = (ROOT / ".containerignore").read_text(encoding="utf-8").splitlines()
    assert [source for source in copied if f"!{source}" not in let_in] == []


def test_the_containers_constraints_name_every_package_of_the_program() -> None:
    script = re.findall(r"sed '(.+?)'", CONTAINERFILE)[0]
    locks = [ROOT / "requirements" / f"{name}.txt" for name in ("runtime", "local")]
    sed = shutil.which("sed")
    assert sed
    lines = subprocess.run([sed, script, *locks], capture_output=True, text=True, check=True).stdout.splitlines()  # noqa: S603
    pinned = {line.partition("==")[0] for line in lines if line}
    assert all(re.fullmatch(r"[\w.-]+==\S+( ; .+)?", line) for line in lines if line)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {re.split(r"[<>=]", name)[0] for name in project["dependencies"]} <= pinned
