"""What functions ask of AWS in few cases, so that the test of permissions knows of it: `tests/permissions`."""

import hashlib
import json
from contextlib import ExitStack
from datetime import timedelta

import pytest

from local.engine import executions
from local.engine.bundle import SECRET
from local.standin.accounts import DEMO_ACCESS_KEY, DEMO_PROJECT_ID, DEMO_SECRET_KEY
from local.standin.faults.answers import error, server_error
from local.standin.faults.fates import fails
from local.standin.faults.mishaps import Truncate
from tests.support.builders.api_clients import signing
from tests.support.fixtures.deployment import Deployment, Run
from workspace_exports.core.clock import to_wire, utc_now
from workspace_exports.exports.windows import LATE_DATA

pytestmark = pytest.mark.check

DAY = ((utc_now() - LATE_DATA).date() - timedelta(days=1)).isoformat()
RECORDS = {"kind": "connection-records", "day": DAY}
WINDOW = f"kind=connection-records/project_id={DEMO_PROJECT_ID}/day={DAY}"
READING_TARGETS = (
    "StartExport",
    "PollStatus",
    "FetchFile",
    "FetchFileOverHttp",
    "PlanArchive",
    "ReportArchive",
    "ShowCoverage",
)


def test_credentials_are_those_of_the_target_or_of_the_settings(deployment: Deployment) -> None:
    secrets = deployment.engine.client("secretsmanager")
    text = json.dumps({"access_key": DEMO_ACCESS_KEY, "secret_key": DEMO_SECRET_KEY})
    arn = secrets.create_secret(Name=f"{SECRET}-of-a-target", SecretString=text)["ARN"]
    target = {"project_id": DEMO_PROJECT_ID, "credentials_secret_arn": arn, "kinds": ["connection-records"]}
    deployment.put("targets.json", {"targets": [target]})
    with ExitStack() as stack:
        for function in READING_TARGETS:
            stack.enter_context(deployment.changed(function, ARCHIVE_TARGETS="true"))
        call_every_function(deployment)
    # And all of them are started anew, so that none has the credentials yet.
    deployment.empty_archive()
    deployment.engine.forget_names()
    call_every_function(deployment)


def call_every_function(deployment: Deployment) -> None:
    run = deployment.run("ArchiveWorkflow", {"kinds": ["connection-records"], "first_day": DAY, "last_day": DAY})
    assert run.status == "SUCCEEDED", run.cause
    deployment.put(f"since/kind=connection-records/project_id={DEMO_PROJECT_ID}.json", {"first_day": DAY})
    with signing(deployment.stack) as caller:
        task_id = caller.post("/exports", json={"kind": "desktops", "project_id": DEMO_PROJECT_ID}).json()["task_id"]
        assert caller.post(f"/exports/{task_id}/file").status_code == 200
        assert caller.get("/coverage").status_code == 200


def test_what_killed_fetches_left_goes_and_what_was_taken_back_stays(deployment: Deployment, export: Run) -> None:
    taken_back = json.loads(deployment.objects(export(**RECORDS).output["archived"]["manifest_key"]).popitem()[1])
    deployment.empty_archive()
    manifest = json.dumps(taken_back)
    deployment.put(
        f"revoked/{WINDOW}/{taken_back['task_id']}.json",
        {
            "schema_version": 1,
            "manifest_key": f"manifests/{WINDOW}.json",
            "manifest": manifest,
            "sha256": hashlib.sha256(manifest.encode()).hexdigest(),
            "why": "a test",
            "revoked_at": to_wire(utc_now()),
        },
    )
    deployment.put(taken_back["key"], "kept")
    deployment.put(f"data/{WINDOW}/killed-1a2b3c4d.xlsx", "of a killed fetch")
    landed = export(**RECORDS).output["archived"]
    assert set(deployment.keys("data/")) == {taken_back["key"], landed["key"]}


def test_a_snapshot_that_lands_ends_what_was_said_of_it(deployment: Deployment, export: Run) -> None:
    said = f"statements/kind=desktops/project_id={DEMO_PROJECT_ID}/snapshot.json"
    deployment.put(said, {})
    assert export(kind="desktops").status == "SUCCEEDED"
    assert deployment.keys("statements/") == []


def test_an_order_is_found_by_its_task_and_by_its_manifest(deployment: Deployment, export: Run) -> None:
    task_id = export(**RECORDS).output["task_id"]
    assert export(**RECORDS).output["task_id"] == task_id
    assert export(**RECORDS, task_id=task_id).output["task_id"] == task_id


def test_what_fails_is_struck_out_given_up_and_told(deployment: Deployment, export: Run) -> None:
    deployment.put(f"since/kind=connection-records/project_id={DEMO_PROJECT_ID}.json", {"first_day": DAY})
    deployment.vendor.script("connection-records", error(400, "WKS.00211102", "start_time is out of range"))
    run = deployment.run("ArchiveWorkflow", {"kinds": ["connection-records"], "first_day": DAY, "last_day": DAY})
    assert run.error == "SomeDaysFailed"
    # From a fresh start: a coverage that was told a moment ago is told again.
    with deployment.changed("ShowCoverage"), signing(deployment.stack) as caller:
        assert caller.get("/coverage").status_code == 200
    deployment.vendor.script("connection-records", fails("disk full"))
    deployment.vendor.script("download", Truncate(5000, declared=False))
    assert export(**RECORDS).status == "SUCCEEDED"


def test_what_has_no_time_over_http_is_left_to_the_workflow_and_its_end_told(deployment: Deployment) -> None:
    with signing(deployment.stack) as caller, deployment.changed("FetchFileOverHttp", timeout_seconds=7):
        task_id = caller.post("/exports", json=RECORDS).json()["task_id"]
        deployment.vendor.script("download", *[server_error(503)] * 8)
        left = caller.post(f"/exports/{task_id}/file")
        assert left.status_code == 202, left.text
        ended = executions.wait(deployment.engine, left.json()["execution_arn"])
        assert (ended.status, ended.error) == ("FAILED", "VendorUnavailable")
        told = caller.post(f"/exports/{task_id}/file")
    assert (told.status_code, told.json()["error"]) == (503, "VendorUnavailable")
    assert "The export workflow could not archive the file" in told.json()["detail"]
