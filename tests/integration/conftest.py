"""What the integration tests stand on: the vendor stand-in over real HTTP, and archives with real semantics."""

import json
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast
from unittest.mock import patch

import boto3
import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from moto.backends import list_of_moto_modules
from moto.s3.responses import S3Response
from moto.server import ThreadedMotoServer

from functions.fetch_file import app as fetch_file
from functions.plan_archive import app as plan_archive
from functions.poll_status import app as poll_status
from functions.start_export import app as start_export
from local.bench.rclone import serve_s3
from local.standin.accounts import DEMO_ACCESS_KEY, DEMO_PROJECT_ID, DEMO_REGION, DEMO_SECRET_KEY
from local.standin.faults.fates import fails
from local.standin.server import VendorStandIn
from tests.support.servers.faulty_storage.server import MisbehavingStorage
from workspace_exports.client.connections import close_connections
from workspace_exports.core.errors import TaskFailed
from workspace_exports.storage.store import Store, open_store

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Call = Callable[..., dict[str, Any]]
CONTEXT = cast(
    "LambdaContext",
    SimpleNamespace(function_name="f", aws_request_id="request-1", get_remaining_time_in_millis=lambda: 30_000),
)


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """An S3 that enforces conditional writes, in one step as the real one: moto looks first, and then writes."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    one_at_a_time, put_object = threading.Lock(), S3Response.put_object

    def put(response: S3Response) -> object:
        with one_at_a_time:
            return put_object(response)

    server, services = ThreadedMotoServer("127.0.0.1", port=0), frozenset(list_of_moto_modules())
    # It would list its own folder at every request.
    with patch.object(S3Response, "put_object", put), patch("moto.backends.list_of_moto_modules", lambda: services):
        server.start()
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
        server.stop()


@pytest.fixture(scope="session")
def signing_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An S3 that checks signatures, with the bucket `archive`."""
    folder = tmp_path_factory.mktemp("rclone")
    (folder / "archive").mkdir()
    with serve_s3(folder) as endpoint:
        yield endpoint


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.check)])
def archive_url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Every test of the archive runs on a folder and on S3."""
    if request.param == "folder":
        return tmp_path.as_uri()
    request.getfixturevalue("s3_environment")
    return f"s3://{request.getfixturevalue('bucket')}/workspace-exports"


@pytest.fixture
def s3_environment(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The AWS SDK's own variables, as a developer would set them."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": s3_endpoint,
    }.items():
        monkeypatch.setenv(name, value)
    open_store.cache_clear()
    return monkeypatch


@pytest.fixture(scope="session")
def s3_client(s3_endpoint: str) -> Iterator["S3Client"]:
    """For what a test does to S3 by itself."""
    session = boto3.session.Session("testing", "testing", region_name="us-east-1")
    with closing(session.client("s3", endpoint_url=s3_endpoint)) as client:
        yield client


@pytest.fixture
def bucket(s3_environment: pytest.MonkeyPatch, tmp_path: Path, s3_client: "S3Client") -> str:
    """A bucket of the test's own."""
    name = tmp_path.name.replace("_", "-").lower()[:50].strip("-")
    s3_client.create_bucket(Bucket=name)
    return name


@pytest.fixture
def s3(bucket: str, s3_endpoint: str, s3_environment: pytest.MonkeyPatch) -> Iterator[MisbehavingStorage]:
    """What S3 is sent on the wire, and what it makes its callers suffer."""
    with MisbehavingStorage(s3_endpoint) as s3:
        s3_environment.setenv("AWS_ENDPOINT_URL", s3.url)
        yield s3


@pytest.fixture
def store(archive_url: str) -> Store:
    return open_store(archive_url)


@pytest.fixture
def environment(
    vendor: VendorStandIn, archive_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[pytest.MonkeyPatch]:
    """What template.yaml gives the functions."""
    for name, value in {
        "HUAWEICLOUD_SDK_AK": DEMO_ACCESS_KEY,
        "HUAWEICLOUD_SDK_SK": DEMO_SECRET_KEY,
        "HUAWEICLOUD_SDK_PROJECT_ID": DEMO_PROJECT_ID,
        "WORKSPACE_REGION": DEMO_REGION,
        "WORKSPACE_ENDPOINT": vendor.url,
        "ARCHIVE_URL": archive_url,
        "VENDOR_ATTEMPTS": "1",
    }.items():
        monkeypatch.setenv(name, value)
    yield monkeypatch
    close_connections()


@pytest.fixture
def start_empty(vendor: VendorStandIn, start: Call, poll: Call, fetch: Call) -> Call:
    """Order what two tasks say there is no data for; the answer is the order of the second."""

    def ordered(**event: Any) -> dict[str, Any]:
        vendor.script(event["kind"], fails("No data"), fails("No data"))
        with pytest.raises(TaskFailed):
            fetch(**poll(**start(**event)))
        return start(**event)

    return ordered


@pytest.fixture
def start(environment: pytest.MonkeyPatch) -> Call:
    return lambda **event: start_export.handler(event, CONTEXT)


@pytest.fixture
def poll(environment: pytest.MonkeyPatch) -> Call:
    return lambda **event: poll_status.handler(event, CONTEXT)


@pytest.fixture
def fetch(environment: pytest.MonkeyPatch) -> Call:
    return lambda **event: fetch_file.handler(event, CONTEXT)


@pytest.fixture
def plan(environment: pytest.MonkeyPatch) -> Call:
    return lambda **event: plan_archive.handler(event, CONTEXT)


@pytest.fixture
def planned(plan: Call, store: Store) -> Callable[..., list[dict[str, Any]]]:
    """What plan-archive wrote, as the state machine reads it."""
    return lambda **event: json.loads(store.read(f"runs/{plan(**event)['run']}/plan.json") or b"")
