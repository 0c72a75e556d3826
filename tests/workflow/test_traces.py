"""What can be read along of a deployment at work: one id from the schedule to the object, metrics, and no secret."""

import json
from datetime import timedelta
from typing import Any

import httpx

from local.engine import Execution
from local.standin.accounts import DEMO_ACCESS_KEY
from local.standin.faults.answers import error, html_page, server_error, throttled
from local.standin.faults.fates import fails
from local.standin.faults.mishaps import Truncate
from tests.support.builders.api_clients import signing
from tests.support.checks.emf import metrics
from tests.support.checks.leaks import FILTER_CANARY, leaks
from tests.support.fixtures.deployment import Deployment
from tests.support.template.document import MACHINES
from tests.workflow.saying import records_of, since_now
from workspace_exports.core.clock import utc_now
from workspace_exports.exports.windows import LATE_DATA

DAY = ((utc_now() - LATE_DATA).date() - timedelta(days=1)).isoformat()
"""The last day that has settled."""
ONE_DAY = {"kinds": ["connection-records", "app-user-access"], "first_day": DAY, "last_day": DAY}
SCHEDULE: dict[str, Any] = MACHINES["ArchiveWorkflow"]["Events"]["Daily"]["Properties"]
SECRETS = ["Authorization", "SDK-HMAC-SHA256", "AWS4-HMAC-SHA256", "X-Amz-Signature", "X-Auth-Token", DEMO_ACCESS_KEY]


def scheduled(deployment: Deployment, execution_id: str, **order: object) -> Execution:
    """A run as the schedule starts it, with EventBridge Scheduler's own id for the attempt."""
    given = json.loads(SCHEDULE["Input"].replace("<aws.scheduler.execution-id>", execution_id))
    return deployment.run("ArchiveWorkflow", given | order)


def test_all_of_a_run_is_found_by_the_schedules_id(deployment: Deployment) -> None:
    deployment.vendor.script("app-user-access", fails("a bad day"), fails("a bad day"))
    said = since_now(deployment)
    run = scheduled(deployment, "d32c5kddcf5bb8c3", **ONE_DAY)
    assert run.error == "SomeDaysFailed"
    logged = said.logged()
    took_part = {"PlanArchive", "StartExport", "PollStatus", "FetchFile", "RecordFailure", "ReportArchive"}
    assert {name for name, lines in logged.items() if lines} == took_part
    assert {line["correlation_id"] for lines in logged.values() for line in lines} == {"d32c5kddcf5bb8c3"}
    for name in took_part:
        assert all(line["function_name"] == deployment.stack.resources[f"{name}Function"] for line in logged[name])
        assert all(isinstance(line["cold_start"], bool) for line in logged[name])
    records = records_of(deployment)
    (manifest,) = [json.loads(text) for key, text in records.items() if key.startswith("manifests/")]
    (plan,) = [json.loads(text) for key, text in records.items() if key.endswith("plan.json")]
    (report,) = [json.loads(text) for key, text in records.items() if key.endswith("report.json")]
    named = [manifest, report, *(item["export"] for item in plan)]
    assert [document["correlation_id"] for document in named] == ["d32c5kddcf5bb8c3"] * 4


def test_a_run_is_counted_as_it_went(deployment: Deployment) -> None:
    deployment.vendor.script("app-user-access", fails("a bad day"), fails("a bad day"))
    deployment.vendor.script("list", throttled())
    said = since_now(deployment)
    scheduled(deployment, "d32c5kddcf5bb8c3", **ONE_DAY)
    found = [one for one in metrics(said.output()) if one.dimensions == {"Stack": "local"}]
    counts = {name: sum(one.value for one in found if one.name == name) for name in {one.name for one in found}}
    size_bytes = len(deployment.landed()[next(key for key in deployment.landed() if key.startswith("data/"))])
    assert counts.pop("TaskSeconds") >= 0
    assert counts == {
        "ExportsOrdered": 3,
        "Looks": 3,
        "VendorThrottled": 1,
        "ExportsLanded": 1,
        "BytesLanded": size_bytes,
        "ExportsFailed": 1,
        "DaysMissing": 1,
        "DaysAtRisk": 0,
        "DaysLost": 0,
        "DaysNewlyLost": 0,
    }


def test_no_secret_no_signature_and_no_row_of_a_user_can_be_read_along(deployment: Deployment) -> None:
    said = since_now(deployment)
    deployment.vendor.script("connection-records", throttled())
    deployment.vendor.script("app-user-access", fails("no"), fails("no"))
    deployment.vendor.script("list", server_error())
    deployment.vendor.script("download", html_page(200), Truncate(5000, declared=False))
    scheduled(deployment, "d32c5kddcf5bb8c3", **ONE_DAY)
    link = fetched_over_http(deployment)

    told = {"output": "\n".join(said.output()), "states": str(said.executions()), **records_of(deployment)}
    assert {"ExportsLanded", "ExportsFailed", "VendorThrottled"} <= {one.name for one in metrics(told["output"])}
    assert {key.partition("/")[0] for key in told} >= {"manifests", "orders", "failures", "runs", "coverage.html"}
    secrets = [*SECRETS, link, httpx.URL(link).params["X-Amz-Signature"]]
    found = {
        (place.partition("/")[0], hidden)
        for place, text in told.items()
        for hidden in [*(secret for secret in secrets if secret in text), *leaks(text)]
    }
    # What an export was filtered by is part of what it is: its manifest and its order say so, and nothing else does.
    assert found == {("manifests", FILTER_CANARY), ("orders", FILTER_CANARY)}


def fetched_over_http(deployment: Deployment) -> str:
    """An export with somebody's name in its filter, ordered, looked at and fetched by calls; the link to its file."""
    with signing(deployment.stack) as caller:
        deployment.vendor.script("connection-records", error(400, "WKS.00211102", "start_time is out of range"))
        request = {"kind": "connection-records", "day": DAY, "filters": {"user_name": FILTER_CANARY}}
        assert caller.post("/exports", json=request).status_code == 400
        ordered = caller.post("/exports", json=request).json()
        caller.get(f"/exports/{ordered['task_id']}")
        fetched = caller.post(f"/exports/{ordered['task_id']}/file").json()
        caller.get("/coverage", headers={"Accept": "text/html"})
    link: str = fetched["download_url"]
    return link
