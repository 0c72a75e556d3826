"""A refusal for want of a permission: it names the permission where the vendor's STS says which it is.

Source: the vendor's reference pages of the exports (`error_detail`, `encoded_authorization_message`) and of
DecodeAuthorizationMessage. The form of the plain text is not documented.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.faults.connections import DROP_BEFORE_WORK
from local.standin.accounts import DEMO_DOMAIN_NAME, DEMO_PASSWORD, DEMO_PROJECT_ID, DEMO_REGION, DEMO_USER_NAME
from local.standin.faults.answers import error, html_page, server_error
from local.standin.faults.mishaps import Fault
from local.standin.messages import Answer, json_answer
from local.standin.operations import EXPORTS
from local.standin.server import VendorStandIn
from tests.support.builders.examples import Changing
from tests.support.builders.filters import NEEDED
from tests.support.builders.requests import order_of
from tests.support.checks.leaks import CANARIED, leaks
from tests.support.fixtures.handlers import Call
from workspace_exports.client.config import ClientConfig
from workspace_exports.client.connections import close_connections
from workspace_exports.client.credentials import Credentials, Login
from workspace_exports.client.requests import RequestSender
from workspace_exports.client.retry import RetryPolicy
from workspace_exports.client.workspace import connect
from workspace_exports.core.deadline import Deadline
from workspace_exports.core.errors import Unauthorized
from workspace_exports.exports.actions import DOWNLOAD_FILE, LIST_TASKS

NEEDING = {kind: export.action for kind, export in EXPORTS.items() if export.action}
SESSIONS = "workspace:session:exportSessions"
DECODE = "sts::decodeAuthorizationMessage"
DETAIL = "No permission: The identity policies of the caller do not allow this call."
PRINCIPAL = "user:the-archive"


@pytest.fixture
def archive_url(tmp_path: Path) -> str:
    return tmp_path.as_uri()


@pytest.fixture
def denied() -> list[str]:
    return [SESSIONS]


@pytest.fixture
def vendor(denied: list[str]) -> Iterator[VendorStandIn]:
    with VendorStandIn(task_seconds=0, contents=CANARIED, denied_actions=denied) as vendor:
        yield vendor


def refusal(start: Call, kind: str = "app-sessions") -> Unauthorized:
    with pytest.raises(Unauthorized) as caught:
        start(**order_of(kind, NEEDED.get(kind, {})))
    assert caught.value.vendor_status == 403
    assert PRINCIPAL not in str(caught.value)
    assert leaks(str(caught.value)) == []
    return caught.value


@pytest.mark.parametrize(("kind", "action"), [*NEEDING.items()])
@pytest.mark.parametrize("denied", [[*NEEDING.values()]])
def test_an_order_names_the_permission_that_it_lacks(
    kind: str, action: str, start: Call, vendor: VendorStandIn
) -> None:
    told = refusal(start, kind)
    assert told.what == f"Could not order the export: the vendor answered 403: the permission {action} is missing"
    assert told.next_step == f"Grant the user {action} on this project."
    assert (told.vendor_code, told.vendor_reason) == ("WKS.00081102", DETAIL)
    assert len(vendor.calls("decode")) == 1


@pytest.mark.parametrize("denied", [[LIST_TASKS]])
def test_so_does_a_look_at_the_tasks(start: Call, poll: Call) -> None:
    ordered = start(**order_of("app-sessions", {}))
    with pytest.raises(Unauthorized, match=f"permission {LIST_TASKS} is missing"):
        poll(**ordered)


@pytest.mark.parametrize("denied", [[DOWNLOAD_FILE]])
def test_so_does_a_download(start: Call, poll: Call, fetch: Call) -> None:
    with pytest.raises(Unauthorized, match=f"permission {DOWNLOAD_FILE} is missing"):
        fetch(**poll(**start(**order_of("app-sessions", {}))))


@pytest.mark.parametrize("denied", [[SESSIONS, DECODE]])
def test_who_may_not_decode_is_refused_as_before(start: Call, vendor: VendorStandIn) -> None:
    assert_refused_as_before(refusal(start))
    assert [call.status for call in vendor.calls("decode")] == [403]


def assert_refused_as_before(told: Unauthorized) -> None:
    assert told.what == "Could not order the export: the vendor answered 403"
    assert (told.vendor_code, told.vendor_reason) == ("WKS.00081102", DETAIL)
    assert told.next_step.startswith(f"Check that the user has {SESSIONS} on this project")


def plain(text: object) -> Answer:
    return json_answer({"decoded_message": text})


@pytest.mark.parametrize(
    "fault",
    [
        server_error(500),
        html_page(503),
        error(401, "APIGW.0301", "no"),
        error(429, "APIGW.0308", "slow down"),
        DROP_BEFORE_WORK,
        json_answer({}),
        json_answer([]),
        Answer(status=200, body=b"\xff\xfe"),
        Answer(status=200, headers={"Content-Encoding": "gzip"}, body=b"\x1f\x8b"),
        Answer(status=302, headers={"Location": "https://elsewhere.invalid/"}),
        plain(None),
        plain(7),
        plain(""),
        plain("not allowed"),
        plain(json.dumps({"principal": PRINCIPAL, "action": PRINCIPAL})),
        plain(json.dumps({"action": {"action": [7, None, {}]}})),
        plain("[" * 5000),
    ],
    ids=str,
)
def test_an_answer_that_says_nothing_hides_nothing(fault: Fault, start: Call, vendor: VendorStandIn) -> None:
    vendor.script("decode", fault)
    assert_refused_as_before(refusal(start))
    assert vendor.pending_faults == {}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ({"action": SESSIONS}, SESSIONS),
        ({"Context": {"Action": [SESSIONS, "vpc:ports:get"]}}, f"{SESSIONS} or vpc:ports:get"),
        ({"failed": [{"actions": [SESSIONS]}, {"actions": [SESSIONS]}]}, SESSIONS),
        (f"{PRINCIPAL} may not {SESSIONS} on workspace:cn-north-4:p:session", SESSIONS),
        ({"denied": SESSIONS, "principal": PRINCIPAL}, SESSIONS),
        ({"actions": [f"workspace:a:b{n}" for n in range(9)]}, "workspace:a:b0 or workspace:a:b1 or workspace:a:b2"),
    ],
)
def test_any_form_that_names_an_action_will_do(text: Any, named: str, start: Call, vendor: VendorStandIn) -> None:
    vendor.script("decode", plain(text if isinstance(text, str) else json.dumps(text)))
    assert refusal(start).what.endswith(f": the permission {named} is missing")


@pytest.mark.parametrize("status", [401, 403, 400])
@pytest.mark.parametrize("encoded", ["", "x" * 10_241, 7, None, ["x"]])
def test_what_cannot_be_decoded_is_not_sent(status: int, encoded: object, start: Call, vendor: VendorStandIn) -> None:
    content = {"error_code": "WKS.1", "error_msg": "no", "encoded_authorization_message": encoded}
    vendor.script("user-usage", json_answer(content, status=status))
    with pytest.raises(Exception, match=r"WKS\.1: no"):
        start(**order_of("user-usage", {}))
    assert vendor.calls("decode") == ()


def test_a_signature_that_is_refused_is_not_tried_on_another_service(start: Call, vendor: VendorStandIn) -> None:
    """After a few refusals the vendor locks a key."""
    content = {"error_code": "APIGW.0301", "error_msg": "no", "encoded_authorization_message": "x"}
    vendor.script("user-usage", json_answer(content, status=401))
    with pytest.raises(Unauthorized):
        start(**order_of("user-usage", {}))
    assert vendor.calls("decode") == ()


@pytest.mark.parametrize(("status", "calls"), [(401, 1), (403, 2)])
def test_only_a_missing_permission_is_asked_about(status: int, calls: int) -> None:
    sent: list[httpx.Request] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(status, json={"error_code": "WKS.1", "encoded_authorization_message": "x"})

    with httpx.Client(base_url="https://vendor.invalid", transport=httpx.MockTransport(refuse)) as http:
        sender = RequestSender(http, DEMO_PROJECT_ID, Deadline.after(60), RetryPolicy(attempts=1))
        request = sender.request("GET", "/v2/tasks")
        request.headers["Authorization"] = "signed"
        with pytest.raises(Unauthorized):
            sender.ask(request, "look", lambda _: None, "holds nothing")
    assert len(sent) == calls


@pytest.mark.parametrize("denied", [[LIST_TASKS]])
def test_a_token_cannot_ask_what_only_a_signature_may(vendor: VendorStandIn) -> None:
    login = Credentials(Login(DEMO_USER_NAME, DEMO_PASSWORD, DEMO_DOMAIN_NAME))
    config = ClientConfig(DEMO_REGION, vendor.url, vendor.url, Changing(login), DEMO_PROJECT_ID)
    with pytest.raises(Unauthorized) as caught:
        connect(config, Deadline.after(60), RetryPolicy(attempts=1)).find_task("no-such-task")
    close_connections()
    assert caught.value.vendor_reason == DETAIL
    assert vendor.calls("decode") == ()
