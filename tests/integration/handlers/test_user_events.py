"""User events from the vendor's list to the archive: each once, however the list moves and fails while it is read."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from local.faults.connections import LOSE_ANSWER, NORMALLY
from local.standin.accounts import DEMO_PROJECT_ID
from local.standin.clock import SettableClock
from local.standin.faults.answers import error, server_error, throttled
from local.standin.faults.catalogue import FAULTS, Course, faults_for
from local.standin.faults.mishaps import Arrivals, Rewrite
from local.standin.ledger import RecordedCall
from local.standin.messages import Call as WireCall
from local.standin.server import VendorStandIn
from local.standin.user_events import EventBook
from local.standin.windows import Reading
from tests.support.fixtures.handlers import Call
from workspace_exports.archive.layout import SeriesName
from workspace_exports.client.connections import close_connections
from workspace_exports.client.requests import RequestSender
from workspace_exports.core.clock import utc_now
from workspace_exports.core.errors import (
    BadFile,
    ExportError,
    FileExpired,
    Rejected,
    Throttled,
    Unauthorized,
    UnexpectedAnswer,
    VendorUnavailable,
)
from workspace_exports.lifecycle.revoke import revoke
from workspace_exports.storage.store import Store

READINGS = [
    Reading(whole_seconds=whole_seconds, start_inclusive=start, end_inclusive=end)
    for whole_seconds, start, end in product((False, True), repeat=3)
]
DAY = utc_now().date() - timedelta(days=2)
LIST = "user-events"

Archived = dict[str, Any]


@pytest.fixture(autouse=True)
def archive_url(tmp_path: Any) -> str:
    """The storage makes no difference to the list; one test is on S3."""
    return str(tmp_path.as_uri())


@pytest.fixture
def book() -> EventBook:
    """A test that needs another one has it as its parameter."""
    return EventBook(canaries=True, per_day=300)


@pytest.fixture
def vendor(book: EventBook) -> Iterator[VendorStandIn]:
    with VendorStandIn(task_seconds=0, events=book) as vendor:
        yield vendor


@pytest.fixture(autouse=True)
def no_jitter(monkeypatch: pytest.MonkeyPatch) -> None:
    """A retry comes at once, unless the vendor asks for time."""
    monkeypatch.setitem(RequestSender.__init__.__kwdefaults__ or {}, "draw", lambda: 0.0)


@pytest.fixture
def rewritten(vendor: VendorStandIn) -> Callable[[dict[str, Any]], None]:
    """Changes fields of one event of the day, in the answer that brings it."""

    def change(fields: dict[str, Any]) -> None:
        def changed(document: Any) -> Any:
            document["items"][len(document["items"]) // 2] |= fields
            return document

        vendor.script(LIST, Rewrite(changed))

    return change


@pytest.fixture
def ordered(start: Call, poll: Call) -> dict[str, Any]:
    return poll(**start(kind=LIST, day=str(DAY)))


@pytest.fixture
def read(store: Store) -> Callable[[Archived], list[dict[str, Any]]]:
    """The events of an archived file, as its lines have them."""

    def lines(archived: Archived) -> list[dict[str, Any]]:
        content = b"".join(store.chunks(archived["key"]))
        assert content.endswith(b"\n")
        return [json.loads(line) for line in content[:-1].split(b"\n")]

    return lines


def asked(call: RecordedCall) -> dict[str, str]:
    return dict(WireCall(method=call.method, target=call.target, headers=()).query)


def span(query: dict[str, str]) -> timedelta:
    return datetime.fromisoformat(query["end_time"]) - datetime.fromisoformat(query["start_time"])


def ranked(events: list[dict[str, Any]]) -> list[str]:
    """The events in an order of their own, equal ones as often as there are."""
    return sorted(json.dumps(event, sort_keys=True) for event in events)


def test_a_day_lands_with_each_event_once_and_a_manifest(
    book: EventBook, vendor: VendorStandIn, store: Store, start: Call, poll: Call, fetch: Call, read: Any
) -> None:
    ordered = start(kind=LIST, day=str(DAY))
    assert vendor.requests == ()
    observed = poll(**ordered)
    assert (observed["status"], observed["wait_seconds"], vendor.requests) == ("SUCCESS", 0, ())
    archived = fetch(**observed)["archived"]
    assert archived["outcome"] == "landed"
    assert ranked(read(archived)) == ranked(book.events(DEMO_PROJECT_ID, DAY))
    manifest = json.loads(store.read(archived["manifest_key"]) or b"")
    first, *_, last = vendor.calls(LIST)
    assert archived["manifest_key"].endswith(f"kind={LIST}/project_id={DEMO_PROJECT_ID}/day={DAY}.json")
    assert (manifest["format"], manifest["settled"]) == ("ndjson", True)
    assert manifest["file_name"] == "user-events.ndjson"
    assert manifest["vendor_request_ids"] == {"download": first.request_id, "download-2": last.request_id}
    assert fetch(**observed)["archived"] == archived | {"outcome": "already-landed"}
    assert start(kind=LIST, day=str(DAY))["task_id"] == ordered["task_id"]


def test_a_filter_reaches_the_vendor_and_has_a_place_of_its_own(
    book: EventBook, vendor: VendorStandIn, start: Call, poll: Call, fetch: Call, read: Any
) -> None:
    events = book.events(DEMO_PROJECT_ID, DAY)
    name = events[0]["resource_name"]
    archived = fetch(**poll(**start(kind=LIST, day=str(DAY), filters={"resource_name": name})))["archived"]
    assert ranked(read(archived)) == ranked([event for event in events if event["resource_name"] == name])
    assert f"day={DAY}.filters-" in archived["manifest_key"]


class TestTheBoundsOfADay:
    @pytest.mark.parametrize("reading", READINGS, ids=repr)
    def test_hold_each_event_in_exactly_one_day_under_each_reading(
        self, reading: Reading, book: EventBook, vendor: VendorStandIn, start: Call, poll: Call, fetch: Call, read: Any
    ) -> None:
        book.reading, book.per_day = reading, 0
        midnight = datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC) + timedelta(days=1)
        times = [midnight + timedelta(milliseconds=100 * tenth) for tenth in range(-25, 26)]
        for moment in times:
            book.put(DEMO_PROJECT_ID, moment)
        files = [
            read(fetch(**poll(**start(kind=LIST, day=str(day))))["archived"]) for day in (DAY, DAY + timedelta(days=1))
        ]
        found = [[datetime.fromisoformat(str(event["event_time"])) for event in file] for file in files]
        assert found == [[at for at in times if at < midnight], [at for at in times if at >= midnight]]

    @pytest.mark.parametrize("book", [EventBook(canaries=True, per_day=0)])
    def test_a_day_with_events_at_its_edges_outside_alone_is_empty(
        self, book: EventBook, vendor: VendorStandIn, start: Call, poll: Call, fetch: Call
    ) -> None:
        midnight = datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC)
        book.put(DEMO_PROJECT_ID, midnight - timedelta(milliseconds=1))
        book.put(DEMO_PROJECT_ID, midnight + timedelta(days=1))
        archived = fetch(**poll(**start(kind=LIST, day=str(DAY))))["archived"]
        assert (archived["outcome"], archived.get("key")) == ("empty", None)


class TestADayWithoutEvents:
    @pytest.fixture
    def book(self) -> EventBook:
        return EventBook(canaries=True, per_day=0)

    def test_is_empty_once_two_answers_say_so(
        self, vendor: VendorStandIn, ordered: dict[str, Any], store: Store, fetch: Call
    ) -> None:
        archived = fetch(**ordered)["archived"]
        assert (archived["outcome"], len(vendor.calls(LIST))) == ("empty", 2)
        manifest = json.loads(store.read(archived["manifest_key"]) or b"")
        assert manifest["note"] == "The vendor's list has no row for the window, in two answers"

    def test_is_read_again_if_the_second_answer_has_an_event(
        self, vendor: VendorStandIn, ordered: dict[str, Any], fetch: Call
    ) -> None:
        vendor.script(LIST, NORMALLY, Arrivals(1))
        with pytest.raises(BadFile, match="it had 0 rows, 0 were read, and now it has 1"):
            fetch(**ordered)
        assert fetch(**ordered)["archived"]["outcome"] == "landed"


class TestAListThatMoves:
    @pytest.fixture
    def book(self) -> EventBook:
        return EventBook(canaries=True, per_day=2500, burst=1100, restless=True)

    def test_brings_each_event_once_though_equal_times_come_in_another_order_each_time(
        self, book: EventBook, vendor: VendorStandIn, ordered: dict[str, Any], fetch: Call, read: Any
    ) -> None:
        archived = fetch(**ordered)["archived"]
        assert ranked(read(archived)) == ranked(book.events(DEMO_PROJECT_ID, DAY))
        paged = [query for call in vendor.calls(LIST) if (query := asked(call))["offset"] != "0"]
        assert paged
        assert all(span(query) <= timedelta(seconds=6) for query in paged)

    @pytest.mark.parametrize(
        ("at_call", "change"),
        [
            (2, 1),
            pytest.param(2, -7, marks=pytest.mark.check),
            pytest.param(5, 1, marks=pytest.mark.check),
            pytest.param(5, -7, marks=pytest.mark.check),
        ],
    )
    def test_is_not_archived_until_it_stands_still(
        self,
        at_call: int,
        change: int,
        book: EventBook,
        vendor: VendorStandIn,
        ordered: dict[str, Any],
        store: Store,
        fetch: Call,
        read: Any,
    ) -> None:
        vendor.script(LIST, *[NORMALLY] * at_call, Arrivals(change))
        with pytest.raises(BadFile, match="The list changed while it was read"):
            fetch(**ordered)
        assert list(store.keys("data")) == list(store.keys("manifests")) == []
        archived = fetch(**ordered)["archived"]
        assert ranked(read(archived)) == ranked(book.events(DEMO_PROJECT_ID, DAY))

    def test_with_one_more_and_one_less_is_not_archived_if_a_row_read_is_gone(
        self, book: EventBook, vendor: VendorStandIn, ordered: dict[str, Any], fetch: Call
    ) -> None:
        midnight = datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC)

        def move(document: Any) -> Any:
            book.take(DEMO_PROJECT_ID, midnight)
            book.put(DEMO_PROJECT_ID, midnight + timedelta(hours=23))
            return document

        vendor.script(LIST, *[NORMALLY] * 4, Rewrite(move))
        with pytest.raises(BadFile, match="The list changed while it was read"):
            fetch(**ordered)


SLOW = {"dripping", "dripping-head", "endless", "throttled-for-a-second", "throttled-for-an-hour"}
PASSES = sorted(name for name in faults_for(LIST) if FAULTS[name].course is Course.PASSES and name not in SLOW)


class TestFaults:
    @pytest.fixture
    def book(self) -> EventBook:
        return EventBook(canaries=True, per_day=1500)

    @pytest.mark.parametrize("name", PASSES)
    def test_one_on_every_other_page_changes_nothing(
        self, name: str, book: EventBook, vendor: VendorStandIn, ordered: dict[str, Any], fetch: Call, read: Any
    ) -> None:
        vendor.script(LIST, *[FAULTS[name].fault, NORMALLY] * 8)
        archived = fetch(**ordered)["archived"]
        assert ranked(read(archived)) == ranked(book.events(DEMO_PROJECT_ID, DAY))

    @pytest.mark.parametrize(
        ("fault", "error_class"),
        [
            (server_error(503), VendorUnavailable),
            (LOSE_ANSWER, VendorUnavailable),
            (throttled(), Throttled),
            (throttled("3600"), Throttled),
            (FAULTS["html-page"].fault, VendorUnavailable),
            (FAULTS["page-for-json"].fault, VendorUnavailable),
            (FAULTS["half-json"].fault, VendorUnavailable),
            (FAULTS["list-for-object"].fault, VendorUnavailable),
            (FAULTS["empty-object"].fault, VendorUnavailable),
            (FAULTS["objects-for-values"].fault, VendorUnavailable),
            (FAULTS["doubled-list"].fault, VendorUnavailable),
            (FAULTS["no-content"].fault, VendorUnavailable),
            (FAULTS["error-inside-200"].fault, Rejected),
            (error(400, "WKS.00211102", "Invalid parameter"), Rejected),
            (error(403, "APIGW.0302", "no permission"), Unauthorized),
            (error(401, "APIGW.0301", "bad"), Unauthorized),
        ],
    )
    @pytest.mark.parametrize("page", [0, 2])
    def test_one_that_stays_ends_with_its_class_and_leaves_nothing(
        self,
        page: int,
        fault: Any,
        error_class: type[ExportError],
        vendor: VendorStandIn,
        ordered: dict[str, Any],
        store: Store,
        fetch: Call,
    ) -> None:
        vendor.script(LIST, *[NORMALLY] * page, *[fault] * 10)
        with pytest.raises(error_class):
            fetch(**ordered)
        assert list(store.keys("data")) == list(store.keys("manifests")) == []
        vendor.calm()
        close_connections()  # refused credentials rest
        assert fetch(**ordered)["archived"]["outcome"] == "landed"


class TestRowsThatCannotBePlaced:
    """An event without a time, or of another time than was asked for, would land on a day that is not its own."""

    @pytest.mark.parametrize(
        ("changed", "says"),
        [
            ({"event_time": None}, "has no event_time that this version understands"),
            ({"event_time": 1795000000000}, "has no event_time that this version understands"),
            ({"event_time": "yesterday"}, "has no event_time that this version understands"),
            ({"event_time": ""}, "has no event_time that this version understands"),
            ({"event_time": f"{DAY - timedelta(days=1)}T23:59:58.999Z"}, "holds a row of"),
            ({"event_time": f"{DAY + timedelta(days=1)}T00:00:01Z"}, "holds a row of"),
            ({"event_time": f"{DAY}T23:30:00-01:00"}, "holds a row of"),
        ],
    )
    def test_are_reported_and_nothing_lands(
        self, changed: dict[str, Any], says: str, rewritten: Any, ordered: dict[str, Any], store: Store, fetch: Call
    ) -> None:
        rewritten(changed)
        with pytest.raises(UnexpectedAnswer, match=says):
            fetch(**ordered)
        assert list(store.keys("data")) == []

    @pytest.mark.parametrize(
        "written", [f"{DAY}T10:00:00Z", f"{DAY}T10:00:00.5Z", f"{DAY}T12:00:00+0200", f"{DAY} 10:00:00"]
    )
    def test_a_time_may_be_written_in_other_ways(
        self, written: str, rewritten: Any, ordered: dict[str, Any], fetch: Call, read: Any
    ) -> None:
        rewritten({"event_time": written})
        assert written in [event["event_time"] for event in read(fetch(**ordered)["archived"])]

    @pytest.mark.parametrize("value", ['张三\u2028\n"', "\ud800", "😀", 1, 0.5, None, [1], {"a": {}}, True])
    def test_any_other_value_is_kept(
        self, value: Any, rewritten: Any, ordered: dict[str, Any], fetch: Call, read: Any
    ) -> None:
        rewritten({"username": value, "new_field": value})
        (event,) = (one for one in read(fetch(**ordered)["archived"]) if "new_field" in one)
        assert (event["username"], event["new_field"]) == (value, value)


@pytest.mark.parametrize(
    ("left_days", "error_class"),
    [(timedelta(days=27, minutes=-1), None), (timedelta(days=28, seconds=5), FileExpired)],
)
def test_a_day_that_the_vendor_no_longer_has_is_not_archived_in_part(
    left_days: timedelta,
    error_class: type[ExportError] | None,
    vendor: VendorStandIn,
    ordered: dict[str, Any],
    fetch: Call,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    later = SettableClock(datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC) + timedelta(days=2) + left_days)
    monkeypatch.setattr("workspace_exports.client.listed_file.utc_now", later)
    if error_class is None:
        assert fetch(**ordered)["archived"]["outcome"] == "landed"
        return
    with pytest.raises(error_class, match="more than 30 days ago"):
        fetch(**ordered)


def test_the_end_of_the_invocations_time_is_reported_with_the_progress(
    vendor: VendorStandIn, ordered: dict[str, Any], fetch: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = iter([True, False])
    monkeypatch.setattr("workspace_exports.client.requests.RequestSender.has_time", property(lambda _: next(left)))
    with pytest.raises(VendorUnavailable, match=r"The time for the list is over: .* rows came in 1 calls") as caught:
        fetch(**ordered)
    assert "order parts of the day with start_time and end_time" in str(caught.value)


def test_a_day_taken_back_is_read_anew(
    book: EventBook, store: Store, start: Call, poll: Call, fetch: Call, read: Callable[[Archived], list[Archived]]
) -> None:
    first = fetch(**poll(**start(kind=LIST, day=str(DAY))))
    book.arrive(DEMO_PROJECT_ID, DAY, 3)
    revoke(store, SeriesName(DEMO_PROJECT_ID, LIST), DAY, "events came in late", utc_now())
    with pytest.raises(Rejected, match="was revoked"):
        fetch(**{name: value for name, value in first.items() if name != "archived"})
    second = fetch(**poll(**start(kind=LIST, day=str(DAY))))
    assert second["archived"]["outcome"] == "landed"
    assert ranked(read(second["archived"])) == ranked(book.events(DEMO_PROJECT_ID, DAY))
