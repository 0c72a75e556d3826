"""The vendor's own SDK and our client side by side: the same calls on the wire, and one task where it makes three."""

import importlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any, Self

import pytest

from local.faults.connections import LOSE_ANSWER
from local.standin.accounts import DEMO_ACCESS_KEY, DEMO_PROJECT_ID, DEMO_REGION, DEMO_SECRET_KEY, Account
from local.standin.ledger import RecordedCall
from local.standin.messages import Call as WireCall
from local.standin.operations import EXPORTS
from local.standin.server import VendorStandIn
from local.standin.verification import parse_authorization, verify
from tests.support.builders.filters import FULL_REQUESTS, NEEDED
from tests.support.builders.requests import order_of
from tests.support.fixtures.handlers import Call
from workspace_exports.client.config import ClientConfig
from workspace_exports.client.connections import close_connections
from workspace_exports.client.credentials import AccessKey
from workspace_exports.client.credentials.providers import EnvironmentProvider
from workspace_exports.client.retry import RetryPolicy
from workspace_exports.client.workspace import WorkspaceClient, connect
from workspace_exports.core.deadline import Deadline
from workspace_exports.exports import find_export

# The SDK's signer on Python 3.12 and later.
pytestmark = [
    pytest.mark.check,
    pytest.mark.filterwarnings(r"ignore:datetime\.datetime\.utcnow:DeprecationWarning:huaweicloudsdkcore\.signer"),
]

DIFFERENT_HEADERS = {
    "user-agent": "the SDK's tells machine, Python and an id it keeps in the home directory; ours is httpx's",
    "accept-encoding": "a file is archived as it came, so ours declines compression; elsewhere httpx names its own",
    "x-sdk-date": "the second of the call",
    "authorization": "follows from the others; the vendor's verification has accepted both",
}
"""Headers whose values may differ, and why. All others are the same, and so are all names."""

WHAT_OUR_LIST_ADDS = {
    "is_download": "by default the list leaves out what was downloaded; both lists are asked, one after the other",
    "limit": "the largest page: whether the vendor's filter by id is exact is not documented",
    "offset": "where that page begins",
    "sort_field": "a fixed order, without which pages may overlap",
    "sort_type": "newest first",
}
"""What a caller of the SDK who looks for one task leaves out, and why we do not."""

AWKWARD: list[tuple[str, dict[str, Any]]] = [
    ("connection-records", {"user_name": "a+b c&d=e", "computer_name": "100%25", "min_e2e_rtt": 0}),
    ("desktops", {"user_names": ["~", "张三", "a,b", "a b", "a+b", "A", "a,b"], "include_pool": False}),
    ("desktops", {"computer_names": ["é", "e\u0301", "😀", "z"], "tag": "k==/?#[]@!$&'()*;:"}),
    ("user-group-members", {"group_id": "~ a+b,张&=:@'()*", "user_names": ["%", '"']}),
    ("user-groups", {"name": 'a+b "c" \\ é 😀', "group_ids": ["z", "a,b", "张 三"]}),
    ("upgrade-strategies", {"strategy_name": "½ / ½", "strategy_priority": 0, "strategy_type": 0}),
]
"""What encodings get wrong, beyond what the full examples hold."""

EXAMPLES = [
    *(pytest.param(kind, NEEDED.get(kind, {}), id=f"{kind}-plain") for kind in EXPORTS),
    *(pytest.param(kind, FULL_REQUESTS[kind], id=f"{kind}-full") for kind in EXPORTS),
    *(pytest.param(kind, filters, id=f"{kind}-awkward-{number}") for number, (kind, filters) in enumerate(AWKWARD)),
]


@pytest.fixture
def archive_url(tmp_path: Path) -> str:
    """Nothing is archived here; orders alone do not need S3."""
    return tmp_path.as_uri()


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The SDK, imported by the first test that needs it; the file it writes into the home directory goes elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        yield importlib.import_module("huaweicloudsdkworkspace.v2")


class Sdk:
    """The SDK's client, called by the names of the vendor's operations."""

    def __init__(self, library: ModuleType, vendor: VendorStandIn, token: str | None = None, **config: Any) -> None:
        core = importlib.import_module("huaweicloudsdkcore.auth.credentials")
        http = importlib.import_module("huaweicloudsdkcore.http.http_config")
        credentials = core.BasicCredentials(DEMO_ACCESS_KEY, DEMO_SECRET_KEY, DEMO_PROJECT_ID)
        self._library = library
        self._client = (
            library.WorkspaceClient.new_builder()
            .with_http_config(http.HttpConfig(**config))
            .with_credentials(credentials.with_security_token(token))
            .with_endpoint(vendor.url)
            .build()
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()
        self._client.get_http_client().executor.shutdown()

    def __call__(self, operation: str, **parameters: Any) -> Any:
        """Parameters go where the SDK's model of the operation wants them."""
        request_class = getattr(self._library, f"{operation}Request")
        if "body" in request_class.openapi_types:
            body_class = getattr(self._library, request_class.openapi_types["body"])
            parameters = {"body": body_class(**parameters)}
        method = re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()
        return getattr(self._client, method)(request_class(**parameters))


@pytest.fixture
def sdk(library: ModuleType, vendor: VendorStandIn) -> Iterator[Sdk]:
    with Sdk(library, vendor) as sdk:
        yield sdk


@pytest.fixture
def client(vendor: VendorStandIn) -> Iterator[WorkspaceClient]:
    yield our_client(vendor)
    close_connections()


def our_client(vendor: VendorStandIn, token: str | None = None) -> WorkspaceClient:
    key = AccessKey(DEMO_ACCESS_KEY, DEMO_SECRET_KEY, token)
    way = ClientConfig(DEMO_REGION, vendor.url, None, EnvironmentProvider(key), DEMO_PROJECT_ID)
    return connect(way, Deadline.after(60), RetryPolicy())


def as_the_vendor_wants_it(kind: str, order: dict[str, Any]) -> dict[str, Any]:
    """What a reader of the vendor's pages gives the SDK for it: the day's bounds, and a language where demanded."""
    day, filters = order.get("day"), dict(order["filters"])
    window = {"start_time": f"{day}T00:00:00Z", "end_time": f"{day}T23:59:59Z"} if day else {}
    demanded = {parameter.name for parameter in EXPORTS[kind].parameters if parameter.mandatory} & {"language"}
    return window | dict.fromkeys(demanded, "en_US") | filters


def assert_same_call(calls: Iterable[RecordedCall]) -> None:
    """Both answered with 200, which nothing is that the vendor's verification has not accepted."""
    sdks, ours = calls
    assert (sdks.status, ours.status) == (200, 200)
    assert (ours.operation, ours.method, ours.target) == (sdks.operation, sdks.method, sdks.target)
    assert canonical(ours.body) == canonical(sdks.body)
    assert compared_headers(ours) == compared_headers(sdks)


def canonical(body: bytes) -> str:
    """A JSON text that is the same for the same JSON; `==` alone would take 1 for true."""
    return json.dumps(json.loads(body), sort_keys=True) if body else "no body"


def compared_headers(call: RecordedCall) -> dict[str, str]:
    headers = {name.lower(): value for name, value in call.headers}
    assert len(headers) == len(call.headers)
    return {name: "differs" if name in DIFFERENT_HEADERS else value.lower() for name, value in headers.items()}


def query_of(call: RecordedCall) -> dict[str, str]:
    pairs = WireCall(method=call.method, target=call.target, headers=()).query
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


@pytest.mark.parametrize(("kind", "filters"), EXAMPLES)
def test_every_order_is_the_sdks(
    kind: str, filters: dict[str, Any], vendor: VendorStandIn, sdk: Sdk, start: Call
) -> None:
    order = order_of(kind, filters)
    theirs = sdk(find_export(kind).operation, **as_the_vendor_wants_it(kind, order))
    ours = start(**order)
    assert_same_call(vendor.requests)
    assert [task.task_id for task in vendor.tasks] == [theirs.task_id, ours["task_id"]]
    assert vendor.tasks[0].report == vendor.tasks[1].report


class TestAfterTheOrder:
    @pytest.fixture
    def task_id(self, vendor: VendorStandIn, sdk: Sdk) -> str:
        return str(sdk("ExportUserGroupsNew").task_id)

    def test_the_list_is_the_sdks_where_the_sdk_is_asked_as_precisely(
        self, task_id: str, vendor: VendorStandIn, sdk: Sdk, client: WorkspaceClient
    ) -> None:
        precisely = {"is_download": False, "limit": 100, "offset": 0, "sort_field": "create_time", "sort_type": "DESC"}
        theirs = sdk("ListExportTasks", task_id=task_id, **precisely)
        ours = client.find_task(task_id)
        assert_same_call(vendor.calls("list"))
        assert ours is not None
        assert [(task.task_id, task.status) for task in theirs.export_tasks] == [(ours.task_id, ours.status)]

    def test_the_list_asks_for_more_than_the_sdk_would_by_itself(
        self, task_id: str, vendor: VendorStandIn, sdk: Sdk, client: WorkspaceClient
    ) -> None:
        sdk("ListExportTasks", task_id=task_id)
        client.find_task(task_id)
        sdks, ours = map(query_of, vendor.calls("list"))
        assert sdks == {"task_id": task_id}
        assert sdks.items() <= ours.items()
        assert ours.keys() - sdks.keys() == WHAT_OUR_LIST_ADDS.keys()

    def test_a_downloaded_task_is_lost_to_the_sdks_list_and_not_to_ours(
        self, task_id: str, sdk: Sdk, client: WorkspaceClient
    ) -> None:
        sdk("DownloadExportFile", task_id=task_id)
        assert sdk("ListExportTasks", task_id=task_id).export_tasks == []
        assert client.find_task(task_id) is not None

    def test_the_download_is_the_sdks_byte_for_byte(
        self, task_id: str, vendor: VendorStandIn, sdk: Sdk, client: WorkspaceClient
    ) -> None:
        theirs = sdk("DownloadExportFile", task_id=task_id).raw_content
        with client.open_file(task_id) as download:
            ours = b"".join(download)
        assert_same_call(vendor.calls("download"))
        assert ours == theirs == vendor.report(task_id)

    def test_deleting_is_the_sdks(self, task_id: str, vendor: VendorStandIn, sdk: Sdk, client: WorkspaceClient) -> None:
        sdk("DeleteExportTasks", task_ids=[task_id])
        client.delete_task(task_id)
        assert_same_call(vendor.calls("delete"))
        assert vendor.tasks == ()


@pytest.mark.parametrize("token", [None, "a-security-token"])
def test_both_signatures_cover_the_same_headers_but_the_user_agent(
    token: str | None, library: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[str] = []

    def noted(call: WireCall, accounts: Mapping[str, Account], now: datetime) -> None:
        verify(call, accounts, now)
        verified.append(call.header("Authorization") or "")

    monkeypatch.setattr("local.standin.gate.verify", noted)
    with (
        VendorStandIn(accounts={DEMO_ACCESS_KEY: Account(DEMO_SECRET_KEY, token)}) as vendor,
        Sdk(library, vendor, token) as sdk,
    ):
        sdk("DeleteExportTasks", task_ids=["none"])
        our_client(vendor, token).delete_task("none")
        close_connections()
    assert_same_call(vendor.requests)
    sdks, ours = ({*parse_authorization(header).signed_headers} for header in verified)
    assert sdks == ours | {"user-agent"}


class TestTwoLostAnswersInARow:
    """A GET that creates. The SDK takes it for one that may be repeated, and every repetition makes a task."""

    ORDER = order_of("connection-records", {})

    def test_the_sdk_with_three_retries_makes_three_tasks(self, library: ModuleType, vendor: VendorStandIn) -> None:
        vendor.script("connection-records", LOSE_ANSWER, LOSE_ANSWER)
        with Sdk(library, vendor, retry_times=3) as sdk:
            given = as_the_vendor_wants_it("connection-records", self.ORDER)
            task_id = sdk("ExportUserConnectionNew", **given).task_id
        assert vendor.pending_faults == {}
        assert [task.task_id == task_id for task in vendor.tasks] == [False, False, True]

    @pytest.mark.parametrize("lost", [{"connection-records": 2}, {"connection-records": 1, "list": 1}])
    def test_ours_makes_one_and_adopts_it(
        self, lost: dict[str, int], vendor: VendorStandIn, start: Call, environment: pytest.MonkeyPatch
    ) -> None:
        environment.setenv("VENDOR_ATTEMPTS", "4")
        for operation, times in lost.items():
            vendor.script(operation, *[LOSE_ANSWER] * times)
        task_id = start(**self.ORDER)["task_id"]
        assert [task.task_id for task in vendor.tasks] == [task_id]
        assert len(vendor.calls("connection-records")) == 1
