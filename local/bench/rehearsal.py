"""The archive workflow as deployed, against a vendor that admits only so many calls; an hour of it in minutes."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from local.engine import Execution, LocalEngine, Stack, executions
from local.engine.bundle import deploy_bundle
from local.haste import Haste
from local.standin.quota import Quota
from local.standin.server import VendorStandIn
from workspace_exports.coverage.reports import Report

_TIMEOUT_SECONDS = 4 * 3600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """What is to be archived, and how the vendor behaves.

    Attributes:
        projects: how many there are.
        kinds: what is archived of each.
        quota: what the vendor admits; None admits all.
        exports_at_once: under way in a run.
    """

    projects: int
    kinds: tuple[str, ...]
    quota: Quota | None = None
    exports_at_once: int = 4

    @property
    def project_ids(self) -> list[str]:
        """Of the vendor's kind."""
        return [f"{n:032x}" for n in range(1, self.projects + 1)]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A deployment that is ready to run; everything ends with `rehearsing`'s block."""

    shape: Shape
    vendor: VendorStandIn
    engine: LocalEngine
    stack: Stack

    def run(self, days: tuple[str, str]) -> Execution:
        """One run of the archive workflow over a range of days, to its end."""
        request = dict(zip(("first_day", "last_day"), days, strict=True))
        machine = self.stack.outputs["ArchiveWorkflowArn"]
        return executions.run(self.engine, machine, request, _TIMEOUT_SECONDS)

    def execute(self, request: object) -> Execution:
        """One execution of the export workflow, to its end."""
        return executions.run(self.engine, self.stack.outputs["ExportWorkflowArn"], request, _TIMEOUT_SECONDS)

    def put(self, key: str, document: object) -> None:
        """Writes a JSON object below the archive's URL."""
        bucket, prefix = self._archive
        body = json.dumps(document).encode()
        self.engine.client("s3").put_object(Bucket=bucket, Key=f"{prefix}/{key}", Body=body)

    def report(self) -> Report:
        """The run's, as it is in the archive, whatever became of the run."""
        bucket, prefix = self._archive
        storage = self.engine.client("s3")
        listed = storage.list_objects_v2(Bucket=bucket, Prefix=f"{prefix}/runs/")["Contents"]
        (key,) = [found["Key"] for found in listed if found["Key"].endswith("/report.json")]
        return Report.model_validate_json(storage.get_object(Bucket=bucket, Key=key)["Body"].read())

    @property
    def _archive(self) -> tuple[str, str]:
        bucket, _, prefix = self.stack.outputs["ArchiveUrl"].removeprefix("s3://").partition("/")
        return bucket, prefix

    def exports(self) -> Iterator[Execution]:
        """Every execution of the export workflow."""
        machines, arn = self.engine.client("stepfunctions"), self.stack.outputs["ExportWorkflowArn"]
        for page in machines.get_paginator("list_executions").paginate(stateMachineArn=arn):
            for listed in page["executions"]:
                yield executions.wait(self.engine, listed["executionArn"])


@contextmanager
def rehearsing(shape: Shape, speed: float) -> Iterator[Rehearsal]:
    """Starts the vendor and the engine, and deploys `template.yaml` as it is.

    Args:
        shape: of the run.
        speed: how many seconds pass in one of this machine's.
    """
    haste = Haste(speed)
    vendor = VendorStandIn(
        clock=haste,
        quota=shape.quota,
        task_seconds=2,
        report_rows=1,
        project_id=shape.project_ids[0],
        further_project_ids=shape.project_ids[1:],
    )
    with vendor, LocalEngine(haste=haste) as engine:
        parameters = {"ArchiveTargets": "true", "ExportsAtOnce": str(shape.exports_at_once)}
        rehearsal = Rehearsal(shape, vendor, engine, deploy_bundle(engine, vendor, parameters))
        targets = [{"project_id": project, "kinds": list(shape.kinds)} for project in shape.project_ids]
        rehearsal.put("targets.json", {"targets": targets})
        yield rehearsal
