"""What a release's template promises: no transform, its own package, every parameter, the same bytes anywhere."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from local.cloudformation import read_template
from local.release.template import MOST_BYTES_BY_URL, MOST_BYTES_IN_A_CALL, translated
from tests.support.builders.stack_parameters import ALL_ON
from tests.support.template.document import FUNCTIONS, RESOURCES, ROOT, TEMPLATE
from tests.support.template.release import PACKAGE

_MADE = f"""
from local.artifact.target import Target
from local.release.template import released
print(released({PACKAGE!r}, Target((3, 13), "arm64")), end="")
"""


def test_nothing_is_left_for_a_transform(release: dict[str, Any]) -> None:
    assert release.keys().isdisjoint({"Transform", "Globals"})
    assert not [name for name, r in release["Resources"].items() if r["Type"].startswith("AWS::Serverless::")]
    assert RESOURCES.keys() <= release["Resources"].keys()
    for part in ("Rules", "Conditions", "Outputs"):
        assert release[part] == TEMPLATE[part]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_has_its_code_from_the_place_that_is_given(function: str, release: dict[str, Any]) -> None:
    code = release["Resources"][function]["Properties"]["Code"]
    assert code == {"S3Bucket": {"Ref": "CodeBucket"}, "S3Key": {"Ref": "CodeKey"}}


@pytest.mark.parametrize(
    ("key", "allowed"),
    [
        (PACKAGE, True),
        (f"releases/2026/{PACKAGE}", True),
        (f"old-{PACKAGE}", False),
        (PACKAGE.replace("0123", "4567"), False),
        (f"{PACKAGE}.txt", False),
    ],
)
def test_it_takes_its_own_package_and_no_other(key: str, release: dict[str, Any], *, allowed: bool) -> None:
    declared = release["Parameters"]["CodeKey"]
    assert bool(re.match(declared["AllowedPattern"], key)) is allowed
    assert PACKAGE in declared["ConstraintDescription"]


def test_it_runs_on_the_machine_that_the_package_was_built_for(release: dict[str, Any]) -> None:
    declared = release["Parameters"]["Architecture"]
    assert (declared["Default"], declared["AllowedValues"]) == ("arm64", ["arm64"])


def test_the_console_shows_all_parameters_in_groups(release: dict[str, Any]) -> None:
    interface = release["Metadata"]["AWS::CloudFormation::Interface"]
    grouped = [name for group in interface["ParameterGroups"] for name in group["Parameters"]]
    assert len(grouped) == len(set(grouped))
    assert set(grouped) == interface["ParameterLabels"].keys() == release["Parameters"].keys()
    assert release["Parameters"].keys() == TEMPLATE["Parameters"].keys() | {"CodeBucket", "CodeKey"}


def test_permissions_that_hang_on_a_parameter_hang_on_its_condition(release: dict[str, Any]) -> None:
    hanging = {
        "AWSXRayDaemonWriteAccess": "CallsAreTraced",
        "AWSLambdaVPCAccessExecutionRole": "FunctionsHaveNetwork",
    }
    for function in FUNCTIONS:
        granted = release["Resources"][f"{function}Role"]["Properties"]["ManagedPolicyArns"]
        conditions = {
            arn["Fn::If"][1]["Fn::Sub"].rpartition("/")[2]: arn["Fn::If"][0]
            for arn in granted
            if "Fn::Sub" in str(arn) and "Fn::If" in arn
        }
        assert conditions == hanging
        assert release["Resources"][function]["Properties"]["TracingConfig"]["Fn::If"][0] == "CallsAreTraced"


def test_no_other_parameter_decides_what_the_transform_makes(release: dict[str, Any]) -> None:
    """AWS's transform knows the parameters of the deployment, and this one does not."""
    document = read_template(ROOT / "template.yaml")
    document["Globals"]["Function"]["CodeUri"] = {"Bucket": "bucket", "Key": "key"}
    others = {**ALL_ON, "HttpApi": "false", "Architecture": "x86_64"}
    assert translated(document, others) == translated(document, {"Tracing": others["Tracing"]})


def test_it_names_aws_policies_in_every_partition(release_text: str) -> None:
    assert "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole" in release_text
    assert "arn:aws:" not in re.sub(r'"(AllowedPattern|Description)": ".*"', "", release_text)


def test_cloudformation_takes_it_by_url_and_not_in_a_call(release_text: str) -> None:
    assert MOST_BYTES_IN_A_CALL < len(release_text.encode()) < MOST_BYTES_BY_URL / 2


@pytest.mark.check
def test_it_is_the_same_to_the_byte_wherever_it_is_made(release_text: str, tmp_path: Path) -> None:
    path = os.pathsep.join(map(str, (ROOT / "shared", ROOT)))
    elsewhere = {"PYTHONPATH": path, "PYTHONHASHSEED": "7", "AWS_DEFAULT_REGION": "cn-north-1", "HOME": str(tmp_path)}
    command = [sys.executable, "-c", _MADE]
    made = subprocess.run(command, cwd=tmp_path, env=elsewhere, capture_output=True, text=True, check=True)  # noqa: S603
    assert made.stdout == release_text


@pytest.mark.check
def test_the_linter_finds_nothing_in_it(release_text: str, tmp_path: Path) -> None:
    template = tmp_path / "release.json"
    template.write_text(release_text, encoding="utf-8")
    command = [sys.executable, str(Path(sys.executable).with_name("cfn-lint")), str(template)]
    linted = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    assert (linted.returncode, linted.stdout, linted.stderr) == (0, "", "")
