"""AWS's SAM CLI takes the template as it is, and deploys the package as it was built."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from local.artifact import ROOT
from local.demo.stage import store_credentials
from local.engine import LocalEngine
from local.engine.environment import ACCOUNT, REGION
from local.standin import DEMO_REGION
from tests.sam import SAM_READS

pytestmark = pytest.mark.long

SAM = ROOT / ".build" / "venv-sam" / "bin" / "python"


def run(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own
        command,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": REGION} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


@pytest.fixture(autouse=True)
def _installed() -> None:
    assert SAM.is_file(), "make test-long installs it"


@pytest.fixture(scope="module")
def code_sha256() -> str:
    """The package's digest, as Lambda shows it."""
    built = run(sys.executable, "-m", "local.artifact", "--runtime", "python3.14", **os.environ)
    assert built.returncode == 0, built.stdout
    found = re.search(r"(\S+), as Lambda shows it", built.stdout)
    assert found
    return found[1]


def test_the_template_is_valid(tmp_path: Path) -> None:
    validated = run(SAM, "-m", "samcli", "validate", "--lint", HOME=str(tmp_path))
    assert validated.returncode == 0, validated.stdout
    assert "is a valid SAM Template" in validated.stdout


def test_it_is_deployed_to_the_local_engine(tmp_path: Path, code_sha256: str) -> None:
    with LocalEngine() as engine:
        parameters = f"WorkspaceRegion={DEMO_REGION} CredentialsSecretArn={store_credentials(engine)}"
        credentials = {"AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "local"}
        environment = {"HOME": str(tmp_path), "AWS_ENDPOINT_URL": engine.url, **credentials}
        for _ in ("create", "nothing changed"):
            deployed = run(SAM, "-m", "samcli", "deploy", "--parameter-overrides", parameters, **environment)
            assert deployed.returncode == 0, deployed.stdout
        functions = engine.client("lambda").list_functions()["Functions"]
        stack = engine.client("cloudformation").describe_stacks(StackName="workspace-exports")["Stacks"][0]
    assert stack["StackStatus"] in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
    assert {function["CodeSha256"] for function in functions} == {code_sha256}
    assert {(function["Runtime"], *function["Architectures"]) for function in functions} == {("python3.14", "arm64")}
    assert len(functions) >= len(list((ROOT / "functions").glob("*/app.py")))


def test_the_lines_that_make_engine_prints_deploy_to_it(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "local.engine"]
    engine = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own
    try:
        assert engine.stdout
        said = _until(engine.stdout, "make deploy")
        script = tmp_path / "deploy.sh"
        script.write_text("set -e\n" + "".join(line for line in said if line.startswith(("export ", "make "))))
        deployed = run("bash", script, HOME=str(tmp_path), MAKEFLAGS=f"VENV={Path(sys.prefix)}")
        assert deployed.returncode == 0, deployed.stdout
        assert "Successfully created/updated stack - workspace-exports" in deployed.stdout
    finally:
        engine.send_signal(signal.SIGINT)
        rest, _ = engine.communicate(timeout=30)
    assert (engine.returncode, rest.splitlines()[-1]) == (0, "Stopped; nothing is left running")


def _until(lines: Iterable[str], beginning: str) -> list[str]:
    """The lines up to the first one that begins so."""
    read = []
    for line in lines:
        read.append(line)
        if line.startswith(beginning):
            break
    return read


def test_it_reads_parameters_as_their_check_does() -> None:
    """What `make deploy` takes for a pair, and what it takes for one, are the same."""
    script = "import json, sys; from samcli.cli.types import CfnParameterOverridesType as Type; "
    script += "print(json.dumps([Type().convert((text,), None, None) for text in json.load(sys.stdin)]))"
    texts = json.dumps([*SAM_READS])
    read = subprocess.run([SAM, "-c", script], input=texts, capture_output=True, text=True, check=True)  # noqa: S603 - our own
    assert json.loads(read.stdout) == [*SAM_READS.values()]
