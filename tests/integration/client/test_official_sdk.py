"""The vendor's own SDKs and our client side by side: the same calls on the wire, and one task where it makes three."""

import importlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
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
from tests.support.checks.leaks import CANARIED
from tests.support.fixtures.handlers import Call
from tests.support.servers.vendors_hosts import Way, vendors_hosts
from workspace_exports.client.config import ClientConfig
from workspace_exports.client.connections import close_connections
from workspace_exports.client.credentials import AccessKey
from workspace_exports.client.credentials.providers import EnvironmentProvider
from workspace_exports.client.retry import RetryPolicy
from workspace_exports.client.workspace import WorkspaceClient, connect
from workspace_exports.core.deadline import Deadline
from workspace_exports.exports import find_export
from workspace_exports.storage.store import Store

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
    ("app-user-logins", {"user_name": 'a+b "c" \\ é 😀', "failed_reason": "½ / ½", "connect_type": "1"}),
    ("app-usage", {"app_name": "100%25 & more", "client_name": "e\u0301 张 三"}),
    ("app-sessions", {"session_state": "InitFail,AppcInit,Disconnected", "machine_name": "~/:?#"}),
]
"""What encodings get wrong, beyond what the full examples hold."""

Ask = Callable[[date], dict[str, str]]


def seconds(start: str, end: str) -> Ask:
    """A day by bounds with whole seconds."""
    return lambda day: {start: f"{day}T00:00:00Z", end: f"{day + timedelta(days=1)}T00:00:01Z"}


BOUNDS: dict[str, Ask] = {
    "connection-records": seconds("start_time", "end_time"),
    "app-user-access": seconds("start_time", "end_time"),
    "app-user-logins": seconds("login_start_time", "login_end_time"),
    "app-usage": seconds("brokering_start_time", "brokering_end_time"),
    "app-sessions": lambda day: {
        "query_begin_time": f"{day}T00:00:00.000Z",
        "query_end_time": f"{day}T23:59:59.999Z",
    },
    "desktop-usage": seconds("start_time", "end_time"),
    "user-usage": seconds("start_time", "end_time"),
}
"""What a reader of the vendor's pages asks for who knows that a bound may be inclusive or not."""

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
def libraries(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Libraries"]:
    """The SDKs, imported by the first test that needs them; what they write into the home directory goes elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        yield tuple(map(importlib.import_module, ("huaweicloudsdkworkspace.v2", "huaweicloudsdkworkspaceapp.v1")))


Libraries = tuple[ModuleType, ...]


class Sdk:
    """The SDKs' clients, called by the names of the vendor's operations.

    Without a way to the vendor's hosts they call the stand-in by its own address.
    """

    def __init__(
        self,
        libraries: Libraries,
        vendor: VendorStandIn,
        token: str | None = None,
        way: Way | None = None,
        region: str = "",
        **config: Any,
    ) -> None:
        core = importlib.import_module("huaweicloudsdkcore.auth.credentials")
        http = importlib.import_module("huaweicloudsdkcore.http.http_config")
        credentials = core.BasicCredentials(DEMO_ACCESS_KEY, DEMO_SECRET_KEY, DEMO_PROJECT_ID)
        if way:
            proxy = {"proxy_protocol": "http", "proxy_host": "127.0.0.1", "proxy_port": way.port}
            config |= proxy | {"ssl_ca_cert": str(way.certificate)}
        self._clients = {}
        for library in libraries:
            builder = client_class(library).new_builder().with_http_config(http.HttpConfig(**config))
            builder = builder.with_credentials(credentials.with_security_token(token))
            placed = builder.with_region(region_of(library, region)) if way else builder.with_endpoint(vendor.url)
            self._clients[library] = placed.build()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for client in self._clients.values():
            client.close()
            client.get_http_client().executor.shutdown()

    def __call__(self, operation: str, **parameters: Any) -> Any:
        """Parameters go where the SDK's model of the operation wants them."""
        (library,) = (library for library in self._clients if hasattr(library, f"{operation}Request"))
        request_class = getattr(library, f"{operation}Request")
        if "body" in request_class.openapi_types:
            body_class = getattr(library, request_class.openapi_types["body"])
            parameters = {"body": body_class(**parameters)}
        method = re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()
        return getattr(self._clients[library], method)(request_class(**parameters))


def client_class(library: ModuleType) -> Any:
    (name,) = (name for name in dir(library) if re.fullmatch("Workspace(App)?Client", name))
    return getattr(library, name)


def region_of(library: ModuleType, region: str) -> Any:
    """The region as the library's own table has it, with the endpoint of its service."""
    name = client_class(library).__name__.removesuffix("Client")
    package = library.__name__.partition(".")[0]
    module = importlib.import_module(f"{library.__name__}.region.{package.removeprefix('huaweicloudsdk')}_region")
    return getattr(module, f"{name}Region").value_of(region)


@pytest.fixture
def sdk(libraries: Libraries, vendor: VendorStandIn) -> Iterator[Sdk]:
    with Sdk(libraries, vendor) as sdk:
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
    window = BOUNDS[kind](date.fromisoformat(day)) if day else {}
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


HOSTS = {
    ("cn-north-4", "workspace"): "workspace.cn-north-4.myhuaweicloud.com",
    ("cn-north-4", "appstream"): "appstream.cn-north-4.myhuaweicloud.com",
    ("ap-southeast-3", "workspace"): "workspace.ap-southeast-3.myhuaweicloud.com",
    ("ap-southeast-3", "appstream"): "workspace.ap-southeast-3.myhuaweicloud.com",
}
"""One region of the five with a host for application streaming, and one of the others."""


@pytest.mark.parametrize("region", ["cn-north-4", "ap-southeast-3"])
def test_every_order_goes_to_the_host_that_the_sdk_calls(
    region: str,
    libraries: Libraries,
    vendor: VendorStandIn,
    start: Call,
    environment: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    with vendors_hosts(vendor.url, (region,), tmp_path / "hosts.pem") as way:
        for name, value in {"HTTPS_PROXY": way.url, "SSL_CERT_FILE": str(way.certificate)}.items():
            environment.setenv(name, value)
        environment.setenv("WORKSPACE_REGION", region)
        environment.delenv("WORKSPACE_ENDPOINT")
        with Sdk(libraries, vendor, way=way, region=region) as sdk:
            for kind in EXPORTS:
                order = order_of(kind, NEEDED.get(kind, {}))
                sdk(find_export(kind).operation, **as_the_vendor_wants_it(kind, order))
                start(**order)
                assert_same_call(vendor.requests[-2:])
                host = HOSTS[region, EXPORTS[kind].service]
                assert dict(compared_headers(vendor.requests[-1]))["host"] == host
        close_connections()


@pytest.mark.parametrize(
    "filters", [{}, FULL_REQUESTS["user-events"], {"username": "a+b c&d=é 😀", "event_type": "~,/?#[]@!$'()*;:"}]
)
def test_a_list_is_read_as_the_sdk_reads_it(
    filters: dict[str, Any], vendor: VendorStandIn, sdk: Sdk, start: Call, poll: Call, fetch: Call, store: Store
) -> None:
    day = date.fromisoformat(str(order_of("user-events", {})["day"]))
    bounds = {"start_time": f"{day - timedelta(days=1)}T23:59:59Z", "end_time": f"{day + timedelta(days=1)}T00:00:00Z"}
    theirs = sdk("ListUserEvents", offset=0, limit=1000, **bounds, **filters)
    archived = fetch(**poll(**start(**order_of("user-events", filters))))["archived"]
    sdks, ours, count = vendor.requests
    assert_same_call([sdks, ours])
    assert query_of(count) == query_of(ours) | {"limit": "1"}
    lines = b"".join(store.chunks(archived["key"])).splitlines() if "key" in archived else []
    of_the_day = [event.event_time for event in theirs.items if event.event_time.startswith(str(day))]
    assert sorted(json.loads(line)["event_time"] for line in lines) == sorted(of_the_day)
    assert len(theirs.items) == theirs.count


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
    token: str | None, libraries: Libraries, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[str] = []

    def noted(call: WireCall, accounts: Mapping[str, Account], now: datetime) -> None:
        verify(call, accounts, now)
        verified.append(call.header("Authorization") or "")

    monkeypatch.setattr("local.standin.gate.verify", noted)
    with (
        VendorStandIn(contents=CANARIED, accounts={DEMO_ACCESS_KEY: Account(DEMO_SECRET_KEY, token)}) as vendor,
        Sdk(libraries, vendor, token) as sdk,
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

    def test_the_sdk_with_three_retries_makes_three_tasks(self, libraries: Libraries, vendor: VendorStandIn) -> None:
        vendor.script("connection-records", LOSE_ANSWER, LOSE_ANSWER)
        with Sdk(libraries, vendor, retry_times=3) as sdk:
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
