"""AWS's SAM CLI takes the template as it is, and deploys the package as it was built."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local.artifact import ROOT, Target, build
from local.engine import LocalEngine, deploy
from local.engine.bundle import store_credentials
from local.engine.environment import ACCOUNT, REGION
from local.release.__main__ import write
from local.standin.accounts import DEMO_REGION
from tests.support.builders.sam_overrides import SAM_READS
from tests.support.builders.stack_parameters import ALL_ON

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


@dataclass(frozen=True, slots=True)
class Account:
    """A local engine, `sam deploy` to it, and the parameters that must be given."""

    engine: LocalEngine
    home: Path
    given: Mapping[str, str]

    def deploy(self, name: str, parameters: Mapping[str, str], *options: str) -> Mapping[str, str]:
        """Deploys to a stack of that name; its resources, physical ids by logical ones."""
        overrides = " ".join(f'{key}="{value}"' for key, value in {**self.given, **parameters}.items())
        options = ("--stack-name", name, "--parameter-overrides", overrides, *options)
        environment = {"AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "local"}
        deployed = run(
            SAM,
            "-m",
            "samcli",
            "deploy",
            *options,
            HOME=str(self.home),
            AWS_ENDPOINT_URL=self.engine.url,
            **environment,
        )
        assert deployed.returncode == 0, deployed.stdout
        assert self.stack(name)["StackStatus"] in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
        return self.resources(name)

    def stack(self, name: str) -> Mapping[str, Any]:
        return self.engine.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]

    def resources(self, name: str) -> Mapping[str, str]:
        described = self.engine.client("cloudformation").describe_stack_resources(StackName=name)["StackResources"]
        return {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in described}

    def functions(self, resources: Mapping[str, str]) -> Mapping[str, Mapping[str, Any]]:
        """The configurations of a stack's functions, by logical id."""
        ask, names = self.engine.client("lambda").get_function_configuration, sorted(resources)
        found = {name: dict(ask(FunctionName=resources[name])) for name in names if name.endswith("Function")}
        for function in found.values():
            del function["ResponseMetadata"]
        return found


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory, code_sha256: str) -> Iterator[Account]:
    """For what is deployed from the package as it is now."""
    with LocalEngine() as engine:
        given = {"WorkspaceRegion": DEMO_REGION, "CredentialsSecretArn": store_credentials(engine)}
        yield Account(engine, tmp_path_factory.mktemp("home"), given)


@pytest.fixture(scope="module")
def plain(account: Account) -> Mapping[str, str]:
    """The resources of a stack of which only what has no default is set."""
    return account.deploy("plain", {})


def test_it_is_deployed_to_the_local_engine(account: Account, plain: Mapping[str, str], code_sha256: str) -> None:
    functions = account.functions(plain).values()
    assert {function["CodeSha256"] for function in functions} == {code_sha256}
    assert {(function["Runtime"], *function["Architectures"]) for function in functions} == {("python3.14", "arm64")}
    assert len(functions) >= len(list((ROOT / "functions").glob("*/app.py")))


def test_nothing_changes_where_nothing_has_changed(account: Account, plain: Mapping[str, str]) -> None:
    assert account.deploy("plain", {}) == plain


def test_every_parameter_at_once_is_deployed_by_the_pages_environment(
    account: Account, plain: Mapping[str, str], code_sha256: str, tmp_path: Path
) -> None:
    """As docs/deploy.md has it for a stage: a bucket of one's own, tags, a change set to look at."""
    (config,) = re.findall(r"```toml\n(.*?)```", (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "samconfig.toml").write_text(f"version = 0.1\n{config}", encoding="utf-8")
    account.engine.client("s3").create_bucket(Bucket="your-artifacts")
    options = ("--config-file", str(tmp_path / "samconfig.toml"), "--config-env", "prod", "--no-confirm-changeset")
    resources = account.deploy("full", ALL_ON, *options)
    assert resources.keys() > plain.keys() - {"NoRunStarted"}, "with all on there is no schedule to miss"
    functions = account.functions(resources)
    assert {function["CodeSha256"] for function in functions.values()} == {code_sha256}
    stack = account.stack("full")
    given = {parameter["ParameterKey"]: parameter["ParameterValue"] for parameter in stack["Parameters"]}
    assert given.items() >= ALL_ON.items()
    assert {tag["Key"]: tag["Value"] for tag in stack["Tags"]} == {"team": "audit", "stage": "prod"}
    packages = account.engine.client("s3").list_objects_v2(Bucket="your-artifacts")["Contents"]
    assert {package["Key"].partition("/")[0] for package in packages} == {"workspace-exports"}


def test_without_an_api_all_else_is_there(account: Account, plain: Mapping[str, str]) -> None:
    parameters = {**account.given, "HttpApi": "false"}
    closed = deploy(account.engine, ROOT / "template.yaml", parameters, build(), name="closed")
    resources = closed.resources
    gone = plain.keys() - resources.keys()
    assert resources.keys() < plain.keys()
    assert {"ArchiveApi", "FetchFileOverHttpFunction", "ShowCoverageFunction", "StartArchiveRunRole"} < gone
    assert not {name for name in gone if "Workflow" in name or "Bucket" in name}
    assert "ApiUrl" not in closed.outputs


def test_a_release_is_the_same_stack(
    account: Account, plain: Mapping[str, str], code_sha256: str, tmp_path: Path
) -> None:
    """`make release`, uploaded, and created from its URL, as the console does."""
    built, template = write(tmp_path / "release", Target.of_runtime("python3.14", "arm64"))
    storage, cloud = account.engine.client("s3"), account.engine.client("cloudformation")
    storage.create_bucket(Bucket="releases")
    for file in (built.file, template):
        storage.put_object(Bucket="releases", Key=f"v1/{file.name}", Body=file.read_bytes())
    given = {**account.given, "CodeBucket": "releases", "CodeKey": f"v1/{built.file.name}"}
    for name, parameters in (("launched", given), ("launched-full", {**given, **ALL_ON})):
        cloud.create_stack(
            StackName=name,
            TemplateURL=f"{account.engine.url}/releases/v1/{template.name}",
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            # No CAPABILITY_AUTO_EXPAND: there is no transform.
            Capabilities=["CAPABILITY_IAM"],
        )
        cloud.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    traced = account.functions(account.resources("launched-full")).values()
    assert {function["TracingConfig"]["Mode"] for function in traced} == {"Active"}
    launched = account.resources("launched")
    assert launched.keys() == plain.keys()
    functions = account.functions(launched)
    assert {function["CodeSha256"] for function in functions.values()} == {code_sha256}
    assert comparable(functions, launched, "launched") == comparable(account.functions(plain), plain, "plain")
    machines = account.engine.client("stepfunctions")
    for machine in ("ArchiveWorkflow", "ExportWorkflow"):
        one, other = (
            comparable(machines.describe_state_machine(stateMachineArn=stack[machine])["definition"], stack, name)
            for stack, name in ((launched, "launched"), (plain, "plain"))
        )
        assert one == other


def comparable(described: object, resources: Mapping[str, str], stack: str) -> Any:
    """Return AWS's description of a stack, with logical names in place of physical ones."""
    text = described if isinstance(described, str) else json.dumps(described, default=str, sort_keys=True)
    for logical, physical in sorted(resources.items(), key=lambda pair: -len(pair[1])):
        text = text.replace(physical, f"<{logical}>")
    text = re.sub(r'"(LastModified|RevisionId)": "[^"]*"', "", text)
    return text.replace(f'"{stack}"', '"<stack>"').replace(f"{stack}-", "<stack>-")


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
