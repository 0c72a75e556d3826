"""Where trials take place: a vendor and a storage that misbehave, an engine, and the template deployed between them."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from local.artifact import ROOT, build
from local.engine import Execution, LocalEngine, Stack, configured, deploy, executions
from local.standin import (
    DEMO_ACCESS_KEY,
    DEMO_DOMAIN_NAME,
    DEMO_PASSWORD,
    DEMO_REGION,
    DEMO_SECRET_KEY,
    DEMO_USER_NAME,
    VendorStandIn,
)
from local.standin import FAULTS as VENDOR_FAULTS
from local.storage import FAULTS as STORAGE_FAULTS
from local.storage import MisbehavingStorage
from local.trials.trial import Counts, Finding, Trial
from workspace_exports.archive.manifests import Manifest
from workspace_exports.core.clock import utc_now
from workspace_exports.exports.windows import LATE_DATA

KIND = "connection-records"
ALWAYS = 500
"""More often than anything is tried."""
_PROJECTS = [f"{n:032x}" for n in range(1, 1000)]
_WAIT_SCALE = 0.005
_TIMEOUT_SECONDS = 300.0
_REFUSED = "Unauthorized"
_FUNCTIONS = ("StartExport", "PollStatus", "FetchFile", "RecordFailure")
_KEY: Mapping[str, str] = {"access_key": DEMO_ACCESS_KEY, "secret_key": DEMO_SECRET_KEY}
_PASSWORD: Mapping[str, str] = {
    "user_name": DEMO_USER_NAME,
    "password": DEMO_PASSWORD,
    "domain_name": DEMO_DOMAIN_NAME,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """How a stage is set.

    Attributes:
        padding_bytes: of every file; a large one is uploaded in parts.
        credentials: the deployment's secret.
        parameters: of the template.
    """

    padding_bytes: int = 0
    credentials: Mapping[str, str] = field(default_factory=lambda: _KEY)
    parameters: Mapping[str, str] = field(default_factory=dict)


STAGES: Mapping[str, Setting] = {
    "plain": Setting(),
    "large files": Setting(padding_bytes=20 << 20),
    "deletes at the vendor": Setting(parameters={"DeleteAfterLanding": "true"}),
    "signs in by password": Setting(credentials=_PASSWORD),
}


class Stage:
    """A deployment for trials, each with a project of its own; everything ends with `set_up`'s block."""

    def __init__(self, vendor: VendorStandIn, storage: MisbehavingStorage, engine: LocalEngine, stack: Stack) -> None:
        """Play on what is running."""
        self._vendor, self._storage, self._engine, self._stack = vendor, storage, engine, stack
        self._projects = iter(_PROJECTS)
        day = (utc_now() - LATE_DATA).date() - timedelta(days=1)
        self._request = {"kind": KIND, "day": str(day)}

    def new_project(self) -> str:
        """One of the vendor's that nothing was exported of."""
        return next(self._projects)

    def play(self, trial: Trial) -> Finding:
        """Exports a day while the fault is there, and once more without it, as the next run would."""
        project_id = self.new_project()
        side = self._vendor if trial.side == "vendor" else self._storage
        before = len(side.calls(trial.operation))
        self._befall(trial)
        outcome = self.export(project_id)
        attempts = len(side.calls(trial.operation)) - before
        counts = self._counts(project_id)
        side.calm()
        if outcome == _REFUSED:
            self._restart()
        next_outcome = self.export(project_id)
        return Finding(
            trial=trial,
            outcome=outcome,
            attempts=attempts,
            counts=counts,
            next_outcome=next_outcome,
            next_counts=self._counts(project_id),
            problems=tuple(self.problems(project_id)),
        )

    def _befall(self, trial: Trial) -> None:
        times = 1 if trial.how == "once" else ALWAYS
        if trial.side == "vendor":
            self._vendor.script(trial.operation, *[VENDOR_FAULTS[trial.fault].fault] * times)
        else:
            self._storage.script(trial.operation, *[STORAGE_FAULTS[trial.fault]] * times)

    def export(self, project_id: str) -> str:
        """One execution of the export workflow; how the day is in the archive, or the class of the error."""
        machine = self._stack.outputs["ExportWorkflowArn"]
        request = self._request | {"project_id": project_id}
        execution = executions.run(self._engine, machine, request, _TIMEOUT_SECONDS)
        return _outcome(execution)

    def _restart(self) -> None:
        """By the next run all containers are others; these leave credentials that were refused alone for minutes."""
        for name in _FUNCTIONS:
            with configured(self._engine, self._stack.resources[f"{name}Function"], {}):
                pass

    def _counts(self, project_id: str) -> Counts:
        return Counts(
            tasks=self._vendor.tasks_made(project_id),
            objects=len(self.keys("data", project_id)),
            manifests=len(self.keys("manifests", project_id)),
        )

    def problems(self, project_id: str) -> Iterator[str]:
        """What a reader of the archive would complain of."""
        manifests, objects = self.keys("manifests", project_id), self.keys("data", project_id)
        for name, keys in (("manifests", manifests), ("objects", objects)):
            if len(keys) != 1:
                yield f"{len(keys)} {name}"
                return
        manifest = Manifest.model_validate_json(self.read(manifests[0]))
        if manifest.key != objects[0]:
            yield "the manifest names another object"
        digest = hashlib.sha256(self.read(objects[0])).hexdigest()
        if digest != manifest.sha256:
            yield "the object is not the manifest's"
        kept = {task.task_id for task in self._vendor.tasks}
        if manifest.task_id in kept and digest != hashlib.sha256(self._vendor.report(manifest.task_id)).hexdigest():
            yield "the object is not the vendor's"

    def keys(self, folder: str, project_id: str) -> list[str]:
        """Of what the archive has of a project in `data` or `manifests`."""
        bucket, prefix = self._place
        below = f"{prefix}{folder}/kind={KIND}/project_id={project_id}/"
        pages = self._engine.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=below)
        return [item["Key"].removeprefix(prefix) for page in pages for item in page.get("Contents", [])]

    def read(self, key: str) -> bytes:
        """One object, past the storage that misbehaves."""
        bucket, prefix = self._place
        return self._engine.client("s3").get_object(Bucket=bucket, Key=prefix + key)["Body"].read()

    def put(self, key: str, content: bytes) -> None:
        """Writes one object, past the storage that misbehaves."""
        bucket, prefix = self._place
        self._engine.client("s3").put_object(Bucket=bucket, Key=prefix + key, Body=content)

    @property
    def _place(self) -> tuple[str, str]:
        bucket, _, prefix = self._stack.outputs["ArchiveUrl"].removeprefix("s3://").partition("/")
        return bucket, f"{prefix}/"


def _outcome(execution: Execution) -> str:
    if execution.status == "SUCCEEDED":
        return str(execution.output["archived"]["outcome"])
    return execution.error or execution.status


@contextmanager
def set_up(setting: Setting) -> Iterator[Stage]:
    """Deploys `template.yaml` as it is, the functions' storage being the one that misbehaves."""
    artifact = build()
    vendor = VendorStandIn(
        task_seconds=0,
        report_rows=1,
        report_padding_bytes=setting.padding_bytes,
        project_id=_PROJECTS[0],
        further_project_ids=_PROJECTS[1:],
    )
    with vendor, LocalEngine(wait_scale=_WAIT_SCALE) as engine, MisbehavingStorage(engine.url) as storage:
        secret = engine.client("secretsmanager").create_secret(
            Name="workspace-exports/vendor", SecretString=json.dumps(setting.credentials)
        )
        parameters = {
            "WorkspaceRegion": DEMO_REGION,
            "CredentialsSecretArn": str(secret["ARN"]),
            "WorkspaceEndpoint": vendor.url,
            "IamEndpoint": vendor.url,
            "PollDeadlineSeconds": "5",
            "VendorAttempts": "1",
            "ScheduleState": "DISABLED",
            **setting.parameters,
        }
        stack = deploy(engine, ROOT / "template.yaml", parameters, artifact)
        with ExitStack() as stage:
            for name in _FUNCTIONS:
                function = stack.resources[f"{name}Function"]
                # A day passes before the next run: what that takes for new is not what this one has ordered.
                grace = "0" if name == "StartExport" else "2"
                variables = {"AWS_ENDPOINT_URL_S3": storage.url, "POLL_UNSEEN_GRACE_SECONDS": grace}
                stage.enter_context(configured(engine, function, variables))
            yield Stage(vendor, storage, engine, stack)
