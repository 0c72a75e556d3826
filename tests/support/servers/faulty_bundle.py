"""A vendor and a storage that inject faults, a local engine, and the template deployed between them."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

from local.engine import Execution, LocalEngine, Stack, configured, executions
from local.engine.bundle import deploy_bundle, store_credentials
from local.standin.accounts import DEMO_ACCESS_KEY, DEMO_DOMAIN_NAME, DEMO_PASSWORD, DEMO_SECRET_KEY, DEMO_USER_NAME
from local.standin.server import VendorStandIn
from tests.support.checks.leaks import CANARIED
from tests.support.servers.faulty_storage.server import MisbehavingStorage
from workspace_exports.archive.manifests import Manifest
from workspace_exports.core.clock import utc_now
from workspace_exports.exports.windows import LATE_DATA

KIND = "connection-records"
PROJECTS = [f"{n:032x}" for n in range(1, 1000)]
FUNCTIONS = ("StartExport", "PollStatus", "FetchFile", "RecordFailure")
_WAIT_SCALE = 0.005
_TIMEOUT_SECONDS = 300.0
_DAY = (utc_now() - LATE_DATA).date() - timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Setting:
    """How a bundle is deployed.

    Attributes:
        padding_bytes: of every file; a large one is uploaded in parts.
        credentials: the deployment's secret.
        parameters: of the template.
    """

    padding_bytes: int = 0
    credentials: Mapping[str, str] = field(
        default_factory=lambda: {"access_key": DEMO_ACCESS_KEY, "secret_key": DEMO_SECRET_KEY}
    )
    parameters: Mapping[str, str] = field(default_factory=dict)


SETTINGS: Mapping[str, Setting] = {
    "plain": Setting(),
    "large files": Setting(padding_bytes=20 << 20),
    "deletes at the vendor": Setting(parameters={"DeleteAfterLanding": "true"}),
    "signs in by password": Setting(
        credentials={
            "user_name": DEMO_USER_NAME,
            "password": DEMO_PASSWORD,
            "domain_name": DEMO_DOMAIN_NAME,
        }
    ),
}


class Counts(NamedTuple):
    """Tasks that the vendor made of a project, and data objects and manifests in the archive."""

    tasks: int
    objects: int
    manifests: int


@dataclass(frozen=True)
class FaultyBundle:
    """A deployment on which one day of one project after the other is exported."""

    vendor: VendorStandIn
    storage: MisbehavingStorage
    engine: LocalEngine
    stack: Stack
    projects: Iterator[str] = field(default_factory=lambda: iter(PROJECTS))

    def export(self, project_id: str) -> str:
        """Run the export workflow once; return the archived outcome, or the class of the error."""
        machine = self.stack.outputs["ExportWorkflowArn"]
        request = {"kind": KIND, "day": str(_DAY), "project_id": project_id}
        execution: Execution = executions.run(self.engine, machine, request, _TIMEOUT_SECONDS)
        if execution.status == "SUCCEEDED":
            return str(execution.output["archived"]["outcome"])
        return execution.error or execution.status

    def restart(self) -> None:
        """Replace all containers, as happens until the next run: these avoid refused credentials for minutes."""
        for name in FUNCTIONS:
            with configured(self.engine, self.stack.resources[f"{name}Function"], {}):
                pass

    def counts(self, project_id: str) -> Counts:
        """Count what the vendor has made of the project, and what the archive has of it."""
        made = self.vendor.tasks_made(project_id)
        return Counts(made, len(self.keys("data", project_id)), len(self.keys("manifests", project_id)))

    def problems(self, project_id: str) -> Iterator[str]:
        """Yield everything that is lost, doubled or not as the vendor has it."""
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
        kept = {task.task_id for task in self.vendor.tasks}
        if manifest.task_id in kept and digest != hashlib.sha256(self.vendor.report(manifest.task_id)).hexdigest():
            yield "the object is not the vendor's"

    def keys(self, folder: str, project_id: str) -> list[str]:
        """List the archive's keys of a project in `data` or `manifests`."""
        bucket, prefix = self._place
        below = f"{prefix}{folder}/kind={KIND}/project_id={project_id}/"
        pages = self.engine.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=below)
        return [item["Key"].removeprefix(prefix) for page in pages for item in page.get("Contents", [])]

    def read(self, key: str) -> bytes:
        """Read one object, past the faulty storage."""
        bucket, prefix = self._place
        return self.engine.client("s3").get_object(Bucket=bucket, Key=prefix + key)["Body"].read()

    def put(self, key: str, content: bytes) -> None:
        """Write one object, past the faulty storage."""
        bucket, prefix = self._place
        self.engine.client("s3").put_object(Bucket=bucket, Key=prefix + key, Body=content)

    @property
    def _place(self) -> tuple[str, str]:
        bucket, _, prefix = self.stack.outputs["ArchiveUrl"].removeprefix("s3://").partition("/")
        return bucket, f"{prefix}/"


@contextmanager
def faulty_bundle(setting: Setting) -> Iterator[FaultyBundle]:
    """Deploy `template.yaml` as it is; the functions' storage is the one that injects faults."""
    vendor = VendorStandIn(
        contents=CANARIED,
        task_seconds=0,
        report_rows=1,
        report_padding_bytes=setting.padding_bytes,
        project_id=PROJECTS[0],
        further_project_ids=PROJECTS[1:],
    )
    with vendor, LocalEngine(wait_scale=_WAIT_SCALE) as engine, MisbehavingStorage(engine.url) as storage:
        parameters = {
            "CredentialsSecretArn": store_credentials(engine, setting.credentials),
            "IamEndpoint": vendor.url,
            "PollDeadlineSeconds": "5",
            "VendorAttempts": "1",
            **setting.parameters,
        }
        stack = deploy_bundle(engine, vendor, parameters)
        with ExitStack() as configurations:
            for name in FUNCTIONS:
                # A day passes before the next run, which then does not take this run's order for a new one.
                grace = "0" if name == "StartExport" else "2"
                variables = {"AWS_ENDPOINT_URL_S3": storage.url, "POLL_UNSEEN_GRACE_SECONDS": grace}
                configurations.enter_context(configured(engine, stack.resources[f"{name}Function"], variables))
            yield FaultyBundle(vendor, storage, engine, stack)
