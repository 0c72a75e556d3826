"""The stand-in's export centre over real HTTP, from order to download."""

import hashlib
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
from openpyxl import load_workbook

from local.standin.clock import SettableClock
from local.standin.downloads import Validators
from local.standin.operations import EXPORTS
from local.standin.reports import REPORT_SHEET, REQUEST_SHEET, expected_rows
from local.standin.server import VendorStandIn
from tests.support.servers.probe import Given, Probe

START = datetime(2026, 11, 20, 10, 30, 0, 123456, tzinfo=UTC)
DAY: dict[str, Given] = {"start_time": "2026-11-19T00:00:00Z", "end_time": "2026-11-19T23:59:59Z"}
ENGLISH: dict[str, Given] = {"language": "en_US"}
MINIMAL: dict[str, dict[str, Given]] = {
    "connection-records": DAY,
    "app-user-access": DAY,
    "desktop-usage": DAY,
    "user-usage": DAY,
    "app-user-logins": {},
    "app-usage": {},
    "app-sessions": {},
    "desktops": ENGLISH,
    "desktop-versions": {**ENGLISH, "agent_version": "24.2.0", "os_type": "Windows"},
    "user-groups": {},
    "user-group-members": {},
    "users": {},
    "hosts": ENGLISH,
    "upgrade-strategies": ENGLISH,
    "terminal-bindings": ENGLISH,
}


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(START)


@pytest.fixture
def vendor(clock: SettableClock) -> Iterator[VendorStandIn]:
    with VendorStandIn(clock=clock, task_seconds=60) as running:
        yield running


@pytest.fixture
def probe(vendor: VendorStandIn, clock: SettableClock) -> Iterator[Probe]:
    with Probe(vendor.url, clock=clock) as caller:
        yield caller


@pytest.mark.parametrize("kind", EXPORTS)
def test_every_kind_is_ordered_polled_and_downloaded(
    kind: str, vendor: VendorStandIn, probe: Probe, clock: SettableClock
) -> None:
    task_id = probe.create(kind, **MINIMAL[kind])
    assert [item["status"] for item in probe.listed(task_id=task_id)] == ["CREATING"]
    clock.advance(seconds=60)
    assert [item["status"] for item in probe.listed(task_id=task_id)] == ["SUCCESS"]
    file = probe.download(task_id).raise_for_status()
    book = load_workbook(io.BytesIO(file.content))
    request = json.loads(str(book[REQUEST_SHEET]["A1"].value))
    assert (request["kind"], request["parameters"].keys() - {"group_id"}) == (kind, MINIMAL[kind].keys())
    rows = [list(row) for row in book[REPORT_SHEET].iter_rows(values_only=True)]
    assert rows == expected_rows(vendor.tasks[0].report)


def test_a_file_comes_with_its_type_length_and_tag(vendor: VendorStandIn, probe: Probe, clock: SettableClock) -> None:
    task_id = probe.create("users")
    clock.advance(seconds=60)
    file = probe.download(task_id)
    assert file.headers["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert int(file.headers["Content-Length"]) == len(file.content)
    assert file.headers["ETag"].startswith('"')
    assert file.content == vendor.report(task_id)


def test_two_tasks_for_one_request_give_the_same_bytes(probe: Probe, clock: SettableClock) -> None:
    task_ids = [probe.create("users") for _ in range(2)]
    clock.advance(seconds=60)
    digests = {hashlib.sha256(probe.download(task_id).content).hexdigest() for task_id in task_ids}
    assert (len(set(task_ids)), len(digests)) == (2, 1)


def test_a_list_item_is_written_as_documented(probe: Probe, clock: SettableClock) -> None:
    task_id = probe.create("connection-records", **DAY)
    running = {
        "task_id": task_id,
        "file_name": "ConnectionRecords_20261120103000.xlsx",
        "status": "CREATING",
        "create_time": "2026-11-20T10:30:00.123Z",
        "is_download": False,
    }
    assert probe.listed() == [running]
    clock.advance(seconds=60)
    assert probe.listed() == [{**running, "status": "SUCCESS", "end_time": "2026-11-20T10:31:00.123Z"}]


def test_a_task_id_is_thirty_two_hex_digits(probe: Probe) -> None:
    task_id = probe.create("users")
    assert len(task_id) == 32
    assert int(task_id, 16)


def test_times_may_end_in_a_zone() -> None:
    with VendorStandIn(zone_suffix="+0000") as vendor, Probe(vendor.url) as probe:
        probe.create("users")
        assert str(probe.listed()[0]["create_time"]).endswith("+0000")


def test_a_downloaded_task_leaves_the_plain_list(probe: Probe, clock: SettableClock) -> None:
    fetched, waiting = probe.create("users"), probe.create("users")
    clock.advance(seconds=60)
    probe.download(fetched)
    assert [item["task_id"] for item in probe.listed()] == [waiting]
    assert [item["task_id"] for item in probe.listed(is_download=False)] == [waiting]
    assert [item["task_id"] for item in probe.listed(is_download=True)] == [fetched]


def test_the_list_filters_sorts_and_pages(probe: Probe, clock: SettableClock) -> None:
    made = []
    for kind in ("users", "user-groups", "users", "users"):
        made.append(probe.create(kind))
        clock.advance(seconds=20)
    assert [item["task_id"] for item in probe.listed()] == made
    assert [item["task_id"] for item in probe.listed(sort_field="create_time", sort_type="DESC")] == made[::-1]
    assert [item["task_id"] for item in probe.listed(status="SUCCESS")] == made[:2]
    assert [item["task_id"] for item in probe.listed(file_name="UserGroups")] == [made[1]]
    page = probe.call("list", {"limit": 2, "offset": 1}).json()
    assert ([item["task_id"] for item in page["export_tasks"]], page["count"]) == (made[1:3], 4)


def test_a_page_holds_twenty_unless_told_otherwise(probe: Probe) -> None:
    for _ in range(21):
        probe.create("users")
    assert len(probe.listed()) == 20
    assert len(probe.listed(limit=100)) == 21


def test_deleted_tasks_are_gone_and_unknown_ids_are_passed_over(vendor: VendorStandIn, probe: Probe) -> None:
    dropped, kept = probe.create("users"), probe.create("users")
    answer = probe.call("delete", {"task_ids": [dropped, "unknown"]})
    assert (answer.status_code, answer.content) == (200, b"")
    assert [task.task_id for task in vendor.tasks] == [kept]


def test_a_range_is_served_and_joins_to_the_whole(vendor: VendorStandIn, probe: Probe, clock: SettableClock) -> None:
    task_id = probe.create("users")
    clock.advance(seconds=60)
    whole = vendor.report(task_id)
    head = probe.download(task_id, {"Range": "bytes=0-99"})
    tail = probe.download(task_id, {"Range": "bytes=100-", "If-Range": head.headers["ETag"]})
    assert (head.status_code, tail.status_code) == (206, 206)
    assert tail.headers["Content-Range"] == f"bytes 100-{len(whole) - 1}/{len(whole)}"
    assert head.content + tail.content == whole
    assert probe.download(task_id, {"Range": "bytes=-5"}).content == whole[-5:]


@pytest.mark.parametrize(
    "headers",
    [{"Range": "bytes=100-", "If-Range": '"other"'}, {"Range": "bytes=0-1,5-6"}, {"Range": "rows=1-2"}],
    ids=["changed", "several", "not-bytes"],
)
def test_a_range_that_does_not_apply_gets_the_whole_file(
    headers: dict[str, str], vendor: VendorStandIn, probe: Probe, clock: SettableClock
) -> None:
    task_id = probe.create("users")
    clock.advance(seconds=60)
    answer = probe.download(task_id, headers)
    assert (answer.status_code, answer.content) == (200, vendor.report(task_id))


def test_a_range_beyond_the_file_is_refused(vendor: VendorStandIn, probe: Probe, clock: SettableClock) -> None:
    task_id = probe.create("users")
    clock.advance(seconds=60)
    refused = probe.download(task_id, {"Range": "bytes=99999999-"})
    assert (refused.status_code, refused.headers["Content-Range"]) == (416, f"bytes */{len(vendor.report(task_id))}")


def test_ranges_can_be_switched_off() -> None:
    with VendorStandIn(ranges=False, task_seconds=0) as vendor, Probe(vendor.url) as probe:
        answer = probe.download(probe.create("users"), {"Range": "bytes=0-1"})
        assert (answer.status_code, "Accept-Ranges" in answer.headers) == (200, False)


@pytest.mark.parametrize(
    ("validators", "header", "status"),
    [("strong-etag", "ETag", 206), ("weak-etag", "ETag", 200), ("last-modified", "Last-Modified", 206)],
)
def test_a_validator_can_be_chosen_and_a_weak_one_is_good_for_no_range(
    validators: Validators, header: str, status: int
) -> None:
    with VendorStandIn(validators=validators, task_seconds=0) as vendor, Probe(vendor.url) as probe:
        task_id = probe.create("users")
        whole = probe.download(task_id)
        part = probe.download(task_id, {"Range": "bytes=1-", "If-Range": whole.headers[header]})
        assert {"etag", "last-modified"} & {*whole.headers} == {header.lower()}
        assert (part.status_code, part.headers[header]) == (status, whole.headers[header])


def test_a_download_may_tell_no_version() -> None:
    with VendorStandIn(validators="none", task_seconds=0) as vendor, Probe(vendor.url) as probe:
        task_id = probe.create("users")
        assert not {"etag", "last-modified"} & {*probe.download(task_id).headers}
        assert probe.download(task_id, {"Range": "bytes=1-"}).status_code == 206
        assert probe.download(task_id, {"Range": "bytes=1-", "If-Range": '"any"'}).status_code == 200


def test_a_file_is_as_old_as_its_making_or_its_replacement(clock: SettableClock) -> None:
    with (
        VendorStandIn(clock=clock, validators="last-modified", task_seconds=5, report_padding_bytes=1) as vendor,
        Probe(vendor.url, clock=clock) as probe,
    ):
        task_id, made_at = probe.create("users"), clock() + timedelta(seconds=5)
        clock.advance(seconds=60)
        assert parsedate_to_datetime(probe.download(task_id).headers["Last-Modified"]) == made_at.replace(microsecond=0)
        vendor.replace_report(task_id)
        replaced = probe.download(task_id).headers
        assert replaced["Last-Modified"] == replaced["Date"]
