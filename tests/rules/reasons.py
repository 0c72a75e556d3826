"""Compares what the tools find with the reasons in `reasons.yaml`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from tests.rules.tools import Finding

FILE = Path(__file__).with_name("reasons.yaml")


@dataclass(frozen=True)
class Deployment:
    """The template with one set of parameters: the type of each resource, and what the tools found."""

    name: str
    types: Mapping[str, str]
    found: frozenset[Finding]


class Reason(BaseModel):
    """Why some rules are not met by some resources."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: str
    rules: tuple[str, ...]
    resources: tuple[str, ...]
    met_with: tuple[str, ...] = ()
    comes_with: tuple[str, ...] = ()

    def applies(self, deployment: Deployment) -> bool:
        """Return whether the rules should fail there; parameters are at their defaults, or all are turned on."""
        return not (self.met_with if deployment.name == "everything" else self.comes_with)

    def covers(self, finding: Finding, deployment: Deployment) -> bool:
        """Return whether this is the reason of that finding."""
        names = finding.resource, deployment.types.get(finding.resource)
        return any(_matches(rule, finding.rule) for rule in self.rules) and not set(self.resources).isdisjoint(names)


def read() -> list[Reason]:
    """Return the reasons as the file lists them."""
    return [Reason.model_validate(entry) for entry in yaml.safe_load(FILE.read_text(encoding="utf-8"))]


def unexplained(deployment: Deployment, reasons: list[Reason]) -> list[str]:
    """Return the findings that have no reason."""
    applying = [reason for reason in reasons if reason.applies(deployment)]
    found = sorted(deployment.found)
    return [str(finding) for finding in found if not any(reason.covers(finding, deployment) for reason in applying)]


def outdated(deployments: list[Deployment], reasons: list[Reason]) -> list[str]:
    """Return each rule that is met and each resource that is gone, where a reason says otherwise."""
    return [line for reason in reasons for line in _outdated(deployments, reason)]


def _outdated(deployments: list[Deployment], reason: Reason) -> Iterator[str]:
    yield from (f"{resource} is not there" for resource in reason.resources if not _anywhere(deployments, resource))
    for deployment in deployments:
        present = [resource for resource in reason.resources if _has(deployment, resource)]
        if not (present and reason.applies(deployment)):
            continue
        covered = [finding for finding in deployment.found if reason.covers(finding, deployment)]
        for rule in reason.rules:
            if not any(_matches(rule, finding.rule) for finding in covered):
                yield f"{rule} is met by {', '.join(present)} with {deployment.name}"
        for resource in present:
            if not any(resource in (finding.resource, deployment.types[finding.resource]) for finding in covered):
                yield f"{resource} meets {', '.join(reason.rules)} with {deployment.name}"


def _anywhere(deployments: list[Deployment], resource: str) -> bool:
    return any(_has(deployment, resource) for deployment in deployments)


def _has(deployment: Deployment, resource: str) -> bool:
    return resource in deployment.types or resource in deployment.types.values()


def _matches(pattern: str, rule: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), rule) is not None


def table(reasons: list[Reason], *, met: bool) -> str:
    """Return the reasons as the page shows them: those of rules that a parameter meets, or all others."""
    head = ["rules", "resources", "parameter, and why it is not on" if met else "why not"]
    rows = [
        [_code(reason.rules), _code(reason.resources), _code(reason.met_with) + ": " * met + reason.reason]
        for reason in reasons
        if bool(reason.met_with) is met
    ]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in [head, ["---"] * len(head), *rows])


def _code(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)
