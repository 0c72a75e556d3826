"""Runs the tools on templates, and returns their findings in one form."""

import json
import platform
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.processes.node import MODULES, node

ROOT = Path(__file__).parents[2]
_CFN_GUARD = MODULES / "@cdklabs" / "cdk-validator-cfnguard"
_CHECKOV = ROOT / ".build" / "venv-audit" / "bin" / "python"
_SYSTEMS = {"linux": "ubuntu", "darwin": "macos"}
_MACHINES = {"x86_64": "x86_64", "AMD64": "x86_64", "arm64": "aarch64", "aarch64": "aarch64"}


@dataclass(frozen=True, order=True)
class Finding:
    """One resource that does not meet one rule."""

    rule: str
    resource: str
    message: str = ""

    def __str__(self) -> str:
        return f"{self.rule} {self.resource}: {self.message}"


def findings(templates: list[Path]) -> dict[Path, set[Finding]]:
    """Return what all tools find in each template, a JSON file."""
    found: dict[Path, set[Finding]] = {template: set() for template in templates}
    with ThreadPoolExecutor() as pool:
        for results in pool.map(lambda tool: list(tool(templates)), (_cdk_nag, _checkov, _control_tower)):
            for template, finding in results:
                found[template].add(finding)
    return found


def _control_tower(templates: list[Path]) -> Iterator[tuple[Path, Finding]]:
    program = _CFN_GUARD / "bin" / _SYSTEMS[sys.platform] / _MACHINES[platform.machine()] / "cfn-guard"
    arguments = ["--output-format", "json", "--structured", "--show-summary", "none"]
    for option, files in ("--rules", _rules_on(templates)), ("--data", templates):
        for file in files:
            arguments += [option, str(file)]
    # 19: a rule is not met.
    for report in _json([program, "validate", *arguments], ends=(0, 19)):
        for failed in report["not_compliant"]:
            yield from ((Path(report["name"]), finding) for finding in _failures(json.dumps(failed)))


def _rules_on(templates: list[Path]) -> list[Path]:
    """Return the rules on types that are in the templates: a quarter of the rules, in a quarter of the time."""
    types = {r["Type"] for template in templates for r in json.loads(template.read_bytes())["Resources"].values()}
    rules = sorted((_CFN_GUARD / "rules" / "control-tower").rglob("*.guard"))
    return [rule for rule in rules if any(f'"{name}"' in rule.read_text(encoding="utf-8") for name in types)]


def _failures(failed: str) -> Iterator[Finding]:
    """Read one failed rule; resources are named in the paths of what was compared."""
    control, title = re.findall(r"\[(CT\.[A-Z0-9.]+)\]:? (.*?)\\n", failed)[0]
    for resource in set(re.findall(r'"path": "/Resources/(\w+)', failed)) or {"?"}:
        yield Finding(control, resource, title)


def _cdk_nag(templates: list[Path]) -> Iterator[tuple[Path, Finding]]:
    for template, rule, resource, message in node(ROOT / "tests" / "rules" / "nag.js", *templates):
        yield Path(template), Finding(rule, resource, message)


def _checkov(templates: list[Path]) -> Iterator[tuple[Path, Finding]]:
    options = ["--framework", "cloudformation", "--skip-download", "--compact", "--soft-fail", "--output", "json"]
    report = _json([_CHECKOV, "-m", "checkov.main", *options, "--file", *templates])
    assert not report["summary"]["parsing_errors"]
    for failed in report["results"]["failed_checks"]:
        resource = failed["resource"].rpartition(".")[2]
        yield Path(failed["file_abs_path"]), Finding(failed["check_id"], resource, failed["check_name"])


def _json(command: list[Any], *, ends: tuple[int, ...] = (0,)) -> Any:
    ended = subprocess.run(  # noqa: S603 - programs that `make audit` installed
        list(map(str, command)), capture_output=True, text=True, check=False
    )
    assert ended.returncode in ends, ended.stderr[-2000:]
    return json.loads(ended.stdout)
