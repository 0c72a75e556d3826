"""The client against the stand-in: what is repeated, what is not, and what becomes of lost answers."""

import json
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from local.faults.connections import DROP_BEFORE_WORK, LOSE_ANSWER, NORMALLY
from local.standin.accounts import DEMO_ACCESS_KEY, DEMO_PROJECT_ID, DEMO_REGION, DEMO_SECRET_KEY
from local.standin.faults.answers import answer, error, html_page, server_error, throttled
from local.standin.faults.mishaps import Fault
from local.standin.server import VendorStandIn
from workspace_exports.client.config import ClientConfig
from workspace_exports.client.connections import close_connections, connection
from workspace_exports.client.credentials import AccessKey
from workspace_exports.client.credentials.providers import EnvironmentProvider
from workspace_exports.client.requests import RequestSender
from workspace_exports.client.retry import RetryPolicy
from workspace_exports.client.workspace import WorkspaceClient
from workspace_exports.core.clock import to_wire, utc_now
from workspace_exports.core.deadline import Deadline
from workspace_exports.core.errors import ExportError, Rejected, Throttled, Unauthorized, VendorUnavailable
from workspace_exports.exports import find_export
from workspace_exports.orders import CompetingOrders

RECORDS = find_export("connection-records")
WINDOW: dict[str, object] = {"start_time": to_wire(utc_now() - timedelta(hours=2))}
KEY = AccessKey(DEMO_ACCESS_KEY, DEMO_SECRET_KEY)


class Waits(list[float]):
    """Notes how long somebody wanted to sleep, and does not."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


class Notes:
    """An order book in which some tasks belong to others."""

    def __init__(self, *task_ids: str) -> None:
        self.task_ids = frozenset(task_ids)
        self.repeats = 0

    def competing_orders(self) -> CompetingOrders:
        return CompetingOrders(self.task_ids)

    def mark_resent(self) -> None:
        self.repeats += 1


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def client(vendor: VendorStandIn, waits: Waits) -> Iterator[WorkspaceClient]:
    yield made(vendor, waits)
    close_connections()


def made(vendor: VendorStandIn, waits: Waits, seconds: float = 60) -> WorkspaceClient:
    way = ClientConfig(DEMO_REGION, vendor.url, None, EnvironmentProvider(KEY), DEMO_PROJECT_ID)
    caller = RequestSender(connection(way).http, DEMO_PROJECT_ID, Deadline.after(seconds), RetryPolicy(), sleep=waits)
    return WorkspaceClient(caller)


class TestReading:
    @pytest.mark.parametrize(
        "faults",
        [
            [throttled(), throttled("2"), server_error(503)],
            [DROP_BEFORE_WORK, LOSE_ANSWER],
            [html_page(502), server_error(504)],
        ],
    )
    def test_a_read_is_repeated_until_it_succeeds(
        self, faults: list[Fault], vendor: VendorStandIn, client: WorkspaceClient, waits: Waits
    ) -> None:
        vendor.script("list", *faults)
        assert client.find_task("none") is None
        assert len(waits) == len(faults)
        assert not vendor.pending_faults

    @pytest.mark.parametrize(
        ("fault", "error_class", "calls"),
        [
            (server_error(500), VendorUnavailable, 4),
            (throttled(), Throttled, 4),
            (throttled("3600"), Throttled, 1),
            (DROP_BEFORE_WORK, VendorUnavailable, 4),
            (error(401, "APIGW.0301", "no"), Unauthorized, 1),
            (error(403, "APIGW.0302", "no"), Unauthorized, 1),
            (error(400, "WKS.1", "no"), Rejected, 1),
            (answer(307, headers={"Location": "https://example.com/"}), VendorUnavailable, 4),
        ],
    )
    def test_attempts_are_bounded_and_a_401_is_never_looped(
        self, fault: Fault, error_class: type[ExportError], calls: int, vendor: VendorStandIn, client: WorkspaceClient
    ) -> None:
        vendor.script("list", *[fault] * 4)
        with pytest.raises(error_class):
            client.find_task("none")
        assert len(vendor.calls("list")) == calls

    def test_an_error_whose_body_breaks_off_is_still_an_error(
        self, vendor: VendorStandIn, client: WorkspaceClient, waits: Waits
    ) -> None:
        class BreakingOff(httpx.SyncByteStream):
            def __iter__(self) -> Iterator[bytes]:
                yield b"half a rea"
                raise httpx.ReadError("reset")

        transport = httpx.MockTransport(lambda _: httpx.Response(400, stream=BreakingOff()))
        with httpx.Client(base_url=vendor.url, transport=transport) as http:
            caller = RequestSender(http, DEMO_PROJECT_ID, Deadline.after(60), RetryPolicy(), sleep=waits)
            with pytest.raises(Rejected, match="half a rea"), WorkspaceClient(caller).open_file("t"):
                pass

    def test_a_list_that_never_ends_is_given_up(self, vendor: VendorStandIn, client: WorkspaceClient) -> None:
        page = b'{"export_tasks": [' + b",".join([b'{"task_id": "x", "status": "SUCCESS"}'] * 100) + b"]}"
        vendor.script("list", *[answer(200, page)] * 40)
        assert client.find_task("ours") is None
        assert not vendor.pending_faults

    def test_without_time_for_a_wait_there_is_one_attempt(self, vendor: VendorStandIn, waits: Waits) -> None:
        vendor.script("list", server_error())
        with pytest.raises(VendorUnavailable):
            made(vendor, waits, seconds=1).find_task("none")
        assert (waits, len(vendor.calls("list"))) == ([], 1)
        close_connections()

    def test_a_throttled_call_keeps_the_vendors_wish(self, vendor: VendorStandIn, client: WorkspaceClient) -> None:
        vendor.script("list", throttled("3600"))
        with pytest.raises(Throttled) as caught:
            client.find_task("none")
        assert caught.value.retry_after_seconds == 3600

    def test_a_task_is_found_beyond_the_first_page(self, vendor: VendorStandIn, client: WorkspaceClient) -> None:
        page = b'{"export_tasks": [' + b",".join([b'{"task_id": "x", "status": "SUCCESS"}'] * 100) + b"]}"
        last = b'{"export_tasks": [{"task_id": "ours", "status": "FAIL"}]}'
        vendor.script("list", answer(200, page), answer(200, page), answer(200, last))
        found = client.find_task("ours")
        assert found is not None
        assert found.status == "FAIL"
        assert [httpx.URL(call.target).params["offset"] for call in vendor.calls("list")] == ["0", "100", "200"]


class TestOrdering:
    def order(self, client: WorkspaceClient) -> str:
        return client.create_export(RECORDS, WINDOW, Notes())

    def test_two_answers_lost_in_a_row_make_one_task(self, vendor: VendorStandIn, client: WorkspaceClient) -> None:
        vendor.script("connection-records", LOSE_ANSWER, LOSE_ANSWER)
        task_id = self.order(client)
        assert [task.task_id for task in vendor.tasks] == [task_id]

    def test_an_adopted_task_may_take_a_moment_to_be_listed(
        self, vendor: VendorStandIn, client: WorkspaceClient, waits: Waits
    ) -> None:
        vendor.script("connection-records", LOSE_ANSWER)
        vendor.script("list", answer(200, b'{"export_tasks": []}'), answer(200, b'{"export_tasks": []}'), NORMALLY)
        assert self.order(client) == vendor.tasks[0].task_id
        assert waits == [1, 2]
        assert len(vendor.tasks) == 1

    def test_a_clock_at_the_end_of_time_is_not_reckoned_with(
        self, vendor: VendorStandIn, client: WorkspaceClient
    ) -> None:
        end_of_time = {"Date": "Fri, 31 Dec 9999 23:59:59 GMT"}
        vendor.script("connection-records", LOSE_ANSWER)
        vendor.script("list", answer(200, b'{"export_tasks": []}', end_of_time))
        assert self.order(client) == vendor.tasks[0].task_id

    def test_no_task_is_adopted_whose_id_would_lead_elsewhere(
        self, vendor: VendorStandIn, client: WorkspaceClient
    ) -> None:
        made_now = to_wire(utc_now())
        stranger = json.dumps({"export_tasks": [{"task_id": "../x", "status": "SUCCESS", "create_time": made_now}]})
        vendor.script("connection-records", DROP_BEFORE_WORK)
        vendor.script("list", *[answer(200, stranger.encode())] * 3)
        assert self.order(client) == vendor.tasks[0].task_id

    def test_an_order_that_never_arrived_is_made_anew(self, vendor: VendorStandIn, client: WorkspaceClient) -> None:
        vendor.script("connection-records", DROP_BEFORE_WORK, server_error(503))
        assert self.order(client) == vendor.tasks[0].task_id
        assert len(vendor.calls("connection-records")) == 3
        assert len(vendor.tasks) == 1

    def test_without_time_for_a_second_look_it_is_left_to_a_later_run(
        self, vendor: VendorStandIn, waits: Waits
    ) -> None:
        vendor.script("connection-records", LOSE_ANSWER)
        vendor.script("list", answer(200, b'{"export_tasks": []}'))
        with pytest.raises(VendorUnavailable, match="order the export"):
            made(vendor, waits, seconds=1).create_export(RECORDS, WINDOW, Notes())
        assert (waits, len(vendor.tasks)) == ([], 1)
        close_connections()

    def test_a_refusal_after_an_attempt_without_an_answer_is_no_refusal_of_both(
        self, vendor: VendorStandIn, client: WorkspaceClient
    ) -> None:
        vendor.script("connection-records", server_error(503), *[throttled()] * 3)
        with pytest.raises(VendorUnavailable, match="an earlier attempt may have been received") as caught:
            self.order(client)
        assert caught.value.vendor_code == "APIGW.0308"
        assert caught.value.vendor_request_id

    @pytest.mark.parametrize("fault", [server_error(500), error(408, "WKS.1", "too slow")])
    def test_an_answer_that_hides_what_was_done_needs_a_look(
        self, fault: Fault, vendor: VendorStandIn, client: WorkspaceClient
    ) -> None:
        vendor.script("connection-records", fault)
        self.order(client)
        assert vendor.calls("list")

    def test_a_refusal_that_names_a_task_is_still_a_refusal(
        self, vendor: VendorStandIn, client: WorkspaceClient
    ) -> None:
        vendor.script("connection-records", answer(400, b'{"task_id": "t1", "error_code": "WKS.1"}'))
        with pytest.raises(Rejected):
            self.order(client)

    def test_a_throttled_order_was_refused_and_needs_no_look(
        self, vendor: VendorStandIn, client: WorkspaceClient
    ) -> None:
        vendor.script("connection-records", throttled(), throttled("1"))
        self.order(client)
        assert vendor.calls("list") == ()
        assert len(vendor.tasks) == 1

    def test_a_connection_that_was_never_made_needs_no_look(self, waits: Waits) -> None:
        http = httpx.Client(base_url="http://127.0.0.1:9")
        client = WorkspaceClient(RequestSender(http, DEMO_PROJECT_ID, Deadline.after(60), RetryPolicy(), sleep=waits))
        with http, pytest.raises(VendorUnavailable, match="order the export: no answer"):
            self.order(client)
        assert len(waits) == 3

    def test_a_task_is_looked_for_among_those_made_since_the_order(
        self, vendor: VendorStandIn, client: WorkspaceClient
    ) -> None:
        made = to_wire(utc_now() - timedelta(seconds=60))
        listed = b'{"export_tasks": [{"task_id": "t1", "status": "SUCCESS", "create_time": "%s"}]}' % made.encode()
        vendor.script("list", *[answer(200, listed)] * 5)
        assert client.find_lost_order(timedelta(seconds=70), Notes()) == "t1"
        assert client.find_lost_order(timedelta(seconds=20), Notes()) is None

    def test_a_task_that_another_order_may_have_made_is_not_adopted(
        self, vendor: VendorStandIn, client: WorkspaceClient
    ) -> None:
        first = self.order(client)
        vendor.script("connection-records", LOSE_ANSWER)
        second = self.order(client)
        assert second not in {first, vendor.tasks[1].task_id}
        assert len(vendor.tasks) == 3

    def test_a_task_known_to_be_anothers_leaves_ours(self, vendor: VendorStandIn, client: WorkspaceClient) -> None:
        first = self.order(client)
        vendor.script("connection-records", LOSE_ANSWER)
        second = client.create_export(RECORDS, WINDOW, Notes(first))
        assert [task.task_id for task in vendor.tasks] == [first, second]

    @pytest.mark.parametrize(
        "named",
        [
            html_page(200),
            answer(200, b'{"task_id": "../../users"}'),
            answer(200, b'{"task_id": 7}'),
            answer(200, b'["t1"]'),
        ],
        ids=["html", "path", "number", "list"],
    )
    def test_a_success_without_a_task_is_looked_for_and_then_ordered_again(
        self, named: Fault, vendor: VendorStandIn, client: WorkspaceClient
    ) -> None:
        vendor.script("connection-records", named)
        assert self.order(client) == vendor.tasks[0].task_id
        assert len(vendor.calls("connection-records")) == 2
        looked = [call.operation for call in vendor.requests].index("list")
        assert looked == 1

    def test_a_task_that_is_never_listed_costs_one_more_and_no_third(
        self, vendor: VendorStandIn, client: WorkspaceClient, waits: Waits
    ) -> None:
        vendor.script("connection-records", LOSE_ANSWER)
        vendor.script("list", *[answer(200, b'{"export_tasks": []}')] * 4)
        assert self.order(client) == vendor.tasks[1].task_id
        assert len(vendor.tasks) == 2
        assert waits[:-1] == [1, 2, 3]

    @pytest.mark.parametrize(
        "fault", [server_error(), throttled(), error(401, "APIGW.0301", "no"), error(400, "WKS.1", "no")]
    )
    def test_when_the_list_cannot_be_read_either_nothing_invites_another_order(
        self, fault: Fault, vendor: VendorStandIn, client: WorkspaceClient
    ) -> None:
        vendor.script("connection-records", LOSE_ANSWER)
        vendor.script("list", *[fault] * 4)
        with pytest.raises(VendorUnavailable, match="list the vendor's tasks"):
            self.order(client)
        assert len(vendor.tasks) == 1

    def test_an_order_that_is_sent_again_though_it_may_have_arrived_is_noted_first(
        self, vendor: VendorStandIn, client: WorkspaceClient
    ) -> None:
        class Counting(Notes):
            def mark_resent(self) -> None:
                self.repeats = len(vendor.calls("connection-records"))

        notes = Counting()
        vendor.script("connection-records", throttled(), DROP_BEFORE_WORK)
        client.create_export(RECORDS, WINDOW, notes)
        assert notes.repeats == 2


def test_a_task_is_deleted_and_deleting_it_again_is_no_error(vendor: VendorStandIn, client: WorkspaceClient) -> None:
    task_id = client.create_export(RECORDS, WINDOW, Notes())
    client.delete_task(task_id)
    assert client.find_task(task_id) is None
    client.delete_task(task_id)
