"""A function's process stands still, as Lambda lets it between two calls and a busy host at any time, and goes on."""

import hashlib
import json
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import boto3
import pytest

from local.standin.accounts import DEMO_DOMAIN_NAME, DEMO_PASSWORD, DEMO_USER_NAME
from local.standin.server import VendorStandIn
from tests.support.builders.requests import ACCESS, RECORDS
from tests.support.checks.leaks import CANARIED
from tests.support.processes.warm_functions import Deployed, Failed
from tests.support.servers.relay import Relay
from workspace_exports.core.clock import utc_now
from workspace_exports.storage.store import Store

HOUR = timedelta(hours=1)
MIB = 1024 * 1024
LARGE = 24 * MIB
"""More than the buffers between the vendor and the archive hold."""

pytestmark = [pytest.mark.check, pytest.mark.parametrize("archive_url", ["s3"], indirect=True)]


@contextmanager
def frozen(deployed: Deployed) -> Iterator[None]:
    """The process stands still."""
    os.kill(deployed.process.pid, signal.SIGSTOP)
    os.waitid(os.P_PID, deployed.process.pid, os.WSTOPPED | os.WNOWAIT)
    try:
        yield
    finally:
        os.kill(deployed.process.pid, signal.SIGCONT)


@dataclass
class Line:
    """The functions' process, and what lies between it and the two services it calls."""

    deployed: Deployed
    vendor: Relay
    storage: Relay

    def call(self, function: str, **event: Any) -> dict[str, Any]:
        return self.deployed.call(function, **event)


@pytest.fixture
def vendor(request: pytest.FixtureRequest) -> Iterator[VendorStandIn]:
    with VendorStandIn(
        contents=CANARIED, task_seconds=0, report_padding_bytes=LARGE, ranges=getattr(request, "param", True)
    ) as vendor:
        yield vendor


@pytest.fixture
def line(environment: pytest.MonkeyPatch, vendor: VendorStandIn, s3_endpoint: str) -> Iterator[Line]:
    with ExitStack() as stack:
        to_vendor, to_storage = (stack.enter_context(Relay(url)) for url in (vendor.url, s3_endpoint))
        settings = {"WORKSPACE_ENDPOINT": to_vendor.url, "AWS_ENDPOINT_URL": to_storage.url}
        yield Line(stack.enter_context(Deployed(variables=settings)), to_vendor, to_storage)


def landed_whole(store: Store, vendor: VendorStandIn, task_id: str) -> bool:
    """Whether it has landed; if it has, it is the vendor's file and no other."""
    manifests = [json.loads(store.read(key) or b"") for key in store.keys("manifests/")]
    for manifest in manifests:
        content = b"".join(store.chunks(manifest["key"]))
        assert content == vendor.report(task_id)
        assert manifest["sha256"] == hashlib.sha256(content).hexdigest()
    return len(manifests) == 1


def test_both_servers_may_hang_up_between_two_calls(line: Line, vendor: VendorStandIn, store: Store) -> None:
    ordered = line.call("start_export", **RECORDS)
    for function in ("start_export", "poll_status", "fetch_file"):
        warm = line.vendor.connections, line.storage.connections
        assert min(warm) >= 1
        with frozen(line.deployed):
            line.vendor.hang_up()
            line.storage.hang_up()
        event = RECORDS if function == "start_export" else ordered
        assert line.call(function, **event)["task_id"] == ordered["task_id"]
        assert line.vendor.connections > warm[0], "it has opened others"
        assert line.storage.connections > warm[1] or function == "poll_status", "which asks nothing of a finished task"
    assert landed_whole(store, vendor, ordered["task_id"])
    with frozen(line.deployed):
        line.vendor.hang_up()
        line.storage.hang_up()
    line.call("start_export", **ACCESS)
    assert [task.kind for task in vendor.tasks] == [RECORDS["kind"], ACCESS["kind"]], "an order is sent once"
    assert len(vendor.calls(ACCESS["kind"])) == 1


class TestForHours:
    @pytest.fixture
    def ahead(self) -> list[timedelta]:
        """How far the vendor's clock is ahead."""
        return [timedelta()]

    @pytest.fixture
    def vendor(self, ahead: list[timedelta]) -> Iterator[VendorStandIn]:
        with VendorStandIn(
            contents=CANARIED, task_seconds=0, token_lifetime=HOUR, clock=lambda: utc_now() + ahead[0]
        ) as vendor:
            yield vendor

    @pytest.fixture
    def login(self, s3_endpoint: str, environment: pytest.MonkeyPatch, vendor: VendorStandIn) -> Iterator[None]:
        """A user with a password signs in, with a token for an hour."""
        session = boto3.session.Session("testing", "testing", region_name="us-east-1")
        secret = {"user_name": DEMO_USER_NAME, "password": DEMO_PASSWORD, "domain_name": DEMO_DOMAIN_NAME}
        with closing(session.client("secretsmanager", endpoint_url=s3_endpoint)) as secrets:
            arn = secrets.create_secret(Name="workspace", SecretString=json.dumps(secret))["ARN"]
            environment.delenv("HUAWEICLOUD_SDK_AK")
            environment.delenv("HUAWEICLOUD_SDK_SK")
            environment.setenv("WORKSPACE_CREDENTIALS_SECRET_ARN", arn)
            environment.setenv("IAM_ENDPOINT", vendor.url)
            yield
            secrets.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)

    @pytest.mark.usefixtures("login")
    def test_no_token_is_sent_that_has_run_out(
        self, line: Line, vendor: VendorStandIn, ahead: list[timedelta], store: Store
    ) -> None:
        ordered = line.call("start_export", **RECORDS)
        line.call("poll_status", **ordered)
        assert len(vendor.calls("tokens")) == 1
        with frozen(line.deployed):
            line.vendor.hang_up()
            line.storage.hang_up()
            ahead[0] = 5 * HOUR
        line.deployed.advance(hours=5)
        assert line.call("fetch_file", **ordered)["archived"]["outcome"] == "landed"
        assert len(vendor.calls("tokens")) == 2
        assert {call.status for call in vendor.requests} <= {200, 201}
        assert landed_whole(store, vendor, ordered["task_id"])


def test_the_time_a_call_has_is_its_own(line: Line, vendor: VendorStandIn, store: Store) -> None:
    ordered = line.call("start_export", **RECORDS)
    line.deployed.send("fetch_file", time_left_ms=1_000, **ordered)
    with pytest.raises(Failed, match="The time for the download is over"):
        line.deployed.answer()
    assert line.call("fetch_file", **ordered)["archived"]["outcome"] == "landed"
    assert landed_whole(store, vendor, ordered["task_id"])


@pytest.mark.parametrize(
    "vendor", [True, pytest.param(False, marks=pytest.mark.long)], indirect=True, ids=["ranges", "no-ranges"]
)
def test_in_the_middle_of_a_download_it_goes_on_or_says_that_it_broke_off(
    line: Line, vendor: VendorStandIn, store: Store
) -> None:
    ordered = line.call("start_export", **RECORDS)
    line.vendor.hold_after(10 * MIB, "down")
    line.deployed.send("fetch_file", **ordered)
    assert line.vendor.is_holding.wait(60)
    with frozen(line.deployed):
        line.vendor.hang_up()
    assert line.deployed.answer()["archived"]["outcome"] == "landed"
    assert len(vendor.calls("download")) == 2
    assert landed_whole(store, vendor, ordered["task_id"])


def test_in_the_middle_of_an_upload_the_piece_is_sent_again(line: Line, vendor: VendorStandIn, store: Store) -> None:
    ordered = line.call("start_export", **RECORDS)
    line.storage.hold_after(10 * MIB, "up")
    line.deployed.send("fetch_file", **ordered)
    assert line.storage.is_holding.wait(60)
    with frozen(line.deployed):
        line.storage.hang_up()
    assert line.deployed.answer()["archived"]["outcome"] == "landed"
    assert landed_whole(store, vendor, ordered["task_id"])
