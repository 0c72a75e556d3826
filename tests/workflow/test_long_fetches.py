"""A file too large for one call over HTTP, from the order to the link, on the engine."""

from collections.abc import Iterator

import httpx
import pytest

from local.artifact import ROOT, build
from local.engine import LocalEngine, deploy, executions
from local.engine.bundle import store_credentials
from local.standin.accounts import DEMO_PROJECT_ID, DEMO_REGION
from local.standin.server import VendorStandIn
from tests.support.builders.api_clients import signing
from tests.support.checks.leaks import CANARIED
from tests.support.fixtures.deployment import WAIT_SCALE, Deployment, VendorClock, states_of
from workspace_exports.lifecycle.delegate import LARGEST_AT_ONCE_BYTES

pytestmark = pytest.mark.long


@pytest.fixture
def deployment() -> Iterator[Deployment]:
    clock = VendorClock()
    with (
        VendorStandIn(
            contents=CANARIED, task_seconds=0, clock=clock, report_padding_bytes=LARGEST_AT_ONCE_BYTES
        ) as vendor,
        LocalEngine(wait_scale=WAIT_SCALE) as engine,
    ):
        parameters = {
            "WorkspaceRegion": DEMO_REGION,
            "WorkspaceProjectId": DEMO_PROJECT_ID,
            "CredentialsSecretArn": store_credentials(engine),
            "WorkspaceEndpoint": vendor.url,
            "ScheduleState": "DISABLED",
        }
        yield Deployment(vendor, clock, engine, deploy(engine, ROOT / "template.yaml", parameters, build()))


def test_a_large_file_is_finished_by_the_workflow(deployment: Deployment) -> None:
    with signing(deployment.stack) as caller:
        task_id = caller.post("/exports", json={"kind": "desktops"}).json()["task_id"]
        handed_over = caller.post(f"/exports/{task_id}/file")
        assert (handed_over.status_code, handed_over.headers["retry-after"]) == (202, "30")
        execution = executions.wait(deployment.engine, handed_over.json()["execution_arn"], timeout_seconds=60)
        assert execution.status == "SUCCEEDED", execution.cause
        assert states_of(execution)[:2] == ["Begin without a pause", "Order the export"]
        assert execution.output["task_id"] == task_id
        fetched = caller.post(f"/exports/{task_id}/file")
    assert (fetched.status_code, fetched.json()["archived"]["outcome"]) == (200, "already-landed")
    assert httpx.get(fetched.json()["download_url"]).content == deployment.vendor.report(task_id)
    assert len(deployment.vendor.tasks) == 1
