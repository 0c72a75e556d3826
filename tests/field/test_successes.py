"""Successes of a download that are no file: elastic/kibana#280608, ansible/ansible#68843. F1."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from local.standin.clock import SettableClock
from local.standin.faults.answers import answer, error, html_page
from local.standin.faults.fates import fails
from local.standin.messages import Answer
from local.standin.server import VendorStandIn
from tests.field.finished import finished
from tests.support.builders.examples import NOW, workbook
from tests.support.builders.requests import RECORDS
from tests.support.checks.landed import landed
from tests.support.fixtures.handlers import Call
from tests.support.servers.raw_http import Wire
from workspace_exports.core.errors import (
    BadFile,
    ExportError,
    FileExpired,
    Rejected,
    TaskFailed,
    Throttled,
    VendorUnavailable,
)
from workspace_exports.lifecycle.reuse import REPEAT
from workspace_exports.storage.store import Store

pytestmark = pytest.mark.parametrize("archive_url", ["folder"], indirect=True)

BOOK = workbook("rows")
HALF = len(BOOK) // 2
STRONG = {"ETag": '"v1"'}


def part(first: int, last: int, total: int | str = len(BOOK), **headers: str) -> Answer:
    return answer(206, BOOK[first : last + 1], {"Content-Range": f"bytes {first}-{last}/{total}"} | headers)


NO_FILE = [
    pytest.param(answer(200), BadFile, "without any bytes", id="200-without-a-byte"),
    pytest.param(answer(203), BadFile, "without any bytes", id="203-without-a-byte"),
    pytest.param(answer(201, BOOK), BadFile, "answered 201", id="201"),
    pytest.param(answer(202, b"in progress"), VendorUnavailable, "not ready yet", id="202"),
    pytest.param(answer(202, BOOK), VendorUnavailable, "not ready yet", id="202-with-bytes"),
    pytest.param(answer(204), BadFile, "answered 204", id="204"),
    pytest.param(answer(205), BadFile, "answered 205", id="205"),
    pytest.param(answer(206, BOOK[:HALF]), BadFile, "does not say that it begins", id="206-without-a-range"),
    pytest.param(answer(206, BOOK, {"Content-Range": "pages 1-2/2"}), BadFile, "A part", id="206-of-pages"),
    pytest.param(part(HALF, len(BOOK) - 1), BadFile, "A part", id="206-of-the-end"),
    pytest.param(part(0, HALF, "*"), BadFile, "A part", id="206-of-an-unknown-whole"),
    pytest.param(part(0, len(BOOK) - 1, HALF), BadFile, "A part", id="206-longer-than-the-whole"),
    pytest.param(part(0, -1), BadFile, "A part", id="206-of-less-than-nothing"),
    pytest.param(error(201, "APIGW.0308", "x"), Throttled, "APIGW.0308", id="201-with-an-error"),
    pytest.param(answer(207, b"<multistatus/>"), BadFile, "answered 207", id="207"),
    pytest.param(answer(226, BOOK), BadFile, "answered 226", id="226"),
    pytest.param(answer(200, b"{}"), BadFile, "JSON came", id="200-with-JSON"),
    pytest.param(html_page(200), BadFile, "web page", id="200-with-a-page"),
    pytest.param(answer(302, headers={"Location": "https://x"}), VendorUnavailable, "redirects", id="302"),
]
"""Answers to the first request for a file, and what they come to where nothing else follows."""


@pytest.mark.parametrize(("first", "error_class", "says"), NO_FILE)
def test_a_success_that_is_no_file_lands_nothing(
    first: Answer,
    error_class: type[ExportError],
    says: str,
    vendor: VendorStandIn,
    start: Call,
    poll: Call,
    fetch: Call,
    store: Store,
) -> None:
    looked = poll(**start(**RECORDS))
    vendor.script("download", first)
    with pytest.raises(error_class, match=says):
        fetch(**looked)
    assert landed(store) == []
    assert fetch(**looked)["archived"]["outcome"] == "landed"


@pytest.mark.parametrize(("first", "error_class", "says"), NO_FILE)
def test_it_is_asked_for_again_in_the_same_call(
    first: Answer,
    error_class: type[ExportError],
    says: str,
    vendor: VendorStandIn,
    start: Call,
    poll: Call,
    fetch: Call,
    at_once: pytest.MonkeyPatch,
) -> None:
    at_once.setenv("VENDOR_ATTEMPTS", "2")
    looked = poll(**start(**RECORDS))
    vendor.script("download", first)
    assert fetch(**looked)["archived"]["outcome"] == "landed"
    assert not vendor.pending_faults


def test_a_refusal_counts_before_the_status(vendor: VendorStandIn, start: Call, poll: Call, fetch: Call) -> None:
    looked = poll(**start(**RECORDS))
    vendor.script("download", error(202, "WKS.1", "The file has expired"))
    with pytest.raises(FileExpired):
        fetch(**looked)


class TestAPartThatWasNotAskedFor:
    """A cache answers 206 to a plain GET."""

    def test_is_the_file_where_it_is_all_of_it(self, environment: pytest.MonkeyPatch, fetch: Call) -> None:
        assert self._fetched(environment, fetch, [part(0, len(BOOK) - 1)])["size_bytes"] == len(BOOK)

    def test_is_gone_on_with_where_it_names_a_version(self, environment: pytest.MonkeyPatch, fetch: Call) -> None:
        rest = part(HALF, len(BOOK) - 1, **STRONG)
        assert self._fetched(environment, fetch, [part(0, HALF - 1, **STRONG), rest])["size_bytes"] == len(BOOK)

    def test_is_compared_with_the_whole_where_it_names_none(self, environment: pytest.MonkeyPatch, fetch: Call) -> None:
        whole = answer(200, BOOK)
        assert self._fetched(environment, fetch, [part(0, HALF - 1), whole])["size_bytes"] == len(BOOK)

    def test_never_joins_two_versions(self, environment: pytest.MonkeyPatch, fetch: Call) -> None:
        other = answer(200, b"PK\x03\x04" + bytes(len(BOOK) - 4))
        with pytest.raises(BadFile, match="changed while it was being read"):
            self._fetched(environment, fetch, [part(0, HALF - 1), other])

    def _fetched(self, environment: pytest.MonkeyPatch, fetch: Call, answers: list[Answer]) -> dict[str, Any]:
        left = iter(answers)

        def give(_: bytes) -> bytes:
            given = next(left)
            body = bytes(given.body) if isinstance(given.body, bytes) else b""
            lines = [f"HTTP/1.1 {given.status} X", *(f"{name}: {value}" for name, value in given.headers.items())]
            head = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""])
            return head.encode() + body

        with Wire(give) as vendor:
            environment.setenv("WORKSPACE_ENDPOINT", vendor.url)
            archived: dict[str, Any] = fetch(**finished())["archived"]
            return archived


SEQUENCE = [
    answer(200),
    answer(202),
    answer(204),
    answer(205),
    answer(206, b"a part"),
    answer(203),
]
"""One after the other, and then the file."""


def test_the_file_lands_after_any_first_answers(vendor: VendorStandIn, start: Call, poll: Call, fetch: Call) -> None:
    looked = poll(**start(**RECORDS))
    vendor.script("download", *SEQUENCE)
    ends = []
    for _ in range(len(SEQUENCE)):
        with pytest.raises((BadFile, VendorUnavailable)) as caught:
            fetch(**looked)
        ends.append(type(caught.value).__name__)
    assert ends == ["BadFile", "VendorUnavailable", "BadFile", "BadFile", "BadFile", "BadFile"]
    assert fetch(**looked)["archived"]["outcome"] == "landed"
    assert len(vendor.tasks) == 1


class Silent:
    """A vendor whose files have no byte, under any name; whatever else it is asked, the stand-in answers."""

    def __init__(self, start: Call, poll: Call, fetch: Call, vendor: VendorStandIn) -> None:
        self._start, self._poll, self._fetch, self._vendor = start, poll, fetch, vendor

    def run(self, file_name: str, times: int = 1, *, download: Answer | None = None, copies: int = 1) -> list[str]:
        """One order and so many fetches of it, each with so many such downloads; the end of each."""
        looked = self._poll(**self._start(**RECORDS)) | {"file_name": file_name}
        ends = []
        for _ in range(times):
            self._vendor.script("download", *[download or answer(200)] * copies)
            try:
                ends.append(self._fetch(**looked)["archived"]["outcome"])
            except ExportError as error:
                ends.append(type(error).__name__)
        return ends


@pytest.fixture
def silent(start: Call, poll: Call, fetch: Call, vendor: VendorStandIn) -> Silent:
    return Silent(start, poll, fetch, vendor)


class TestAFileWithoutAByte:
    def test_of_one_task_is_never_believed_however_often_it_comes(self, silent: Silent, store: Store) -> None:
        assert silent.run("records.csv", times=5) == ["BadFile"] * 5
        assert landed(store) == []

    def test_of_two_tasks_makes_an_empty_day(self, silent: Silent, vendor: VendorStandIn, store: Store) -> None:
        assert silent.run("records.csv", times=2) == ["BadFile"] * 2
        assert silent.run("records.csv") == ["empty"]
        assert len(vendor.tasks) == 2
        (key,) = landed(store)
        note = read(store, key)["note"]
        assert all(task.task_id in note for task in vendor.tasks)

    @pytest.mark.parametrize("file_name", ["records.xlsx", "records.XLS", "records.zip", ""])
    def test_that_is_called_a_workbook_a_zip_or_nothing_is_never_one(
        self, file_name: str, silent: Silent, store: Store
    ) -> None:
        assert [silent.run(file_name) for _ in range(4)] == [["BadFile"]] * 4
        assert landed(store) == []

    def test_of_two_tasks_once_each_is_a_bad_minute(self, silent: Silent, store: Store) -> None:
        assert silent.run("records.csv") == ["BadFile"]
        assert silent.run("records.csv", times=2) == ["BadFile", "empty"]

    def test_that_a_206_calls_longer_is_not_believed(self, silent: Silent, store: Store) -> None:
        longer = answer(206, b"", {"Content-Range": "bytes 0-10817/10818"})
        assert [silent.run("records.csv", times=2, download=longer) for _ in range(2)] == [["BadFile"] * 2] * 2
        assert landed(store) == []

    def test_of_a_task_that_brought_its_file_after_all_says_nothing_of_the_next(
        self, vendor: VendorStandIn, start: Call, poll: Call, fetch: Call, clock: SettableClock
    ) -> None:
        clock.advance(seconds=(datetime.now(UTC) - NOW).total_seconds())
        for ends in (["BadFile", "BadFile", "landed"], ["BadFile"]):
            clock.advance(seconds=REPEAT.total_seconds() + 1 if vendor.tasks else 0)
            looked = poll(**start(kind="desktops")) | {"file_name": "desktops.csv"}
            for end in ends:
                vendor.script("download", *[answer(200)] * (end == "BadFile"))
                try:
                    assert fetch(**looked)["archived"]["outcome"] == end
                except BadFile:
                    assert end == "BadFile"

    def test_is_forgotten_where_another_statement_comes_in_between(self, silent: Silent, store: Store) -> None:
        silent.run("records.csv")
        ole = answer(200, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504), {"Content-Type": "x/y"})
        silent.run("records.xlsx", download=ole)
        assert silent.run("records.csv") == ["BadFile"]
        assert landed(store) == []

    def test_that_has_no_length_either_is_not_believed(self, environment: pytest.MonkeyPatch, fetch: Call) -> None:
        with Wire(lambda _: b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n") as vendor:
            environment.setenv("WORKSPACE_ENDPOINT", vendor.url)
            for task_id in ("t1", "t2", "t3"):
                with pytest.raises(BadFile, match="no length was announced"):
                    fetch(**finished("records.csv") | {"task_id": task_id})


OTHER_TYPES = {
    "an encrypted workbook": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504),
    "gzip": b"\x1f\x8b\x08\x00" + bytes(100),
    "plain text": b"user,desktop\r\na,b\r\n",
    "a program before the zip": b"MZ\x90\x00" + bytes(200) + BOOK,
    "bytes behind the zip": BOOK + b"\r\n",
    "a PDF": b"%PDF-1.7\n" + bytes(100),
    "a RAR": b"Rar!\x1a\x07\x01\x00" + bytes(100),
    "UTF-16": "user,desktop\r\n".encode("utf-16"),
}


class TestAFileOfAnotherType:
    """F4: an encrypted workbook is an OLE container, and the vendor will deliver no other."""

    @pytest.mark.parametrize("name", OTHER_TYPES)
    def test_is_kept_as_unknown_once_a_second_task_brings_the_like(
        self, name: str, silent: Silent, store: Store
    ) -> None:
        content = answer(200, OTHER_TYPES[name])
        assert silent.run("records.xlsx", times=2, download=content) == ["BadFile"] * 2
        assert landed(store) == []
        assert silent.run("records.xlsx", download=content, copies=2) == ["landed"]
        manifest = read(store, next(key for key in landed(store) if key.startswith("manifests/")))
        assert (manifest["format"], manifest["size_bytes"]) == ("unknown", len(OTHER_TYPES[name]))
        assert manifest["note"].startswith("The file is ")

    def test_is_whole_too_where_a_last_chunk_marks_its_end(
        self, environment: pytest.MonkeyPatch, fetch: Call, store: Store
    ) -> None:
        content = OTHER_TYPES["an encrypted workbook"]
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        with Wire(lambda _: head + b"%x\r\n%s\r\n0\r\n\r\n" % (len(content), content)) as vendor:
            environment.setenv("WORKSPACE_ENDPOINT", vendor.url)
            with pytest.raises(BadFile, match="an OLE compound file"):
                fetch(**finished() | {"task_id": "t1"})
            assert fetch(**finished() | {"task_id": "t2"})["archived"]["outcome"] == "landed"

    def test_gives_way_to_a_workbook_that_comes_at_last(self, silent: Silent, store: Store) -> None:
        silent.run("records.xlsx", download=answer(200, OTHER_TYPES["gzip"]))
        assert silent.run("records.xlsx", download=answer(200, OTHER_TYPES["gzip"])) == ["landed"]
        manifest = read(store, next(key for key in landed(store) if key.startswith("manifests/")))
        assert (manifest["format"], manifest["note"]) == ("xlsx", None)

    def test_is_not_kept_where_the_second_is_of_a_third_type(self, silent: Silent, store: Store) -> None:
        for content in (OTHER_TYPES["gzip"], OTHER_TYPES["a PDF"], OTHER_TYPES["gzip"]):
            assert silent.run("records.xlsx", download=answer(200, content)) == ["BadFile"]
        assert landed(store) == []


REASONS = [
    ("No data", True),
    ("no data.", True),
    ("NO DATA FOUND", True),
    (" There is  no data to export! ", True),
    ("No records", True),
    ("没有数据", True),
    ("无数据。", True),
    ("No data disk is attached", False),
    ("no data: the disk is full", False),
    ("Internal error", False),
    ("Data", False),
    ("", False),
]


class TestATaskThatFailedForWantOfData:
    """F16: amzn/selling-partner-api-docs#19."""

    @pytest.mark.parametrize(("reason", "means_none"), REASONS)
    def test_makes_an_empty_day_once_two_say_so(
        self, reason: str, *, means_none: bool, vendor: VendorStandIn, start: Call, poll: Call, fetch: Call
    ) -> None:
        for last in (False, True):
            vendor.script("connection-records", fails(reason))
            looked = poll(**start(**RECORDS))
            if last and means_none:
                assert fetch(**looked)["archived"]["outcome"] == "empty"
            else:
                with pytest.raises(TaskFailed):
                    fetch(**looked)

    def test_the_reasons_are_a_setting(
        self, vendor: VendorStandIn, start: Call, poll: Call, fetch: Call, environment: pytest.MonkeyPatch
    ) -> None:
        environment.setenv("VENDOR_NO_DATA_REASONS", "Nothing was found; nichts da")
        for reason, end in (("nichts da", None), ("NICHTS DA", "empty")):
            vendor.script("connection-records", fails(reason))
            looked = poll(**start(**RECORDS))
            if end:
                assert fetch(**looked)["archived"]["outcome"] == end
            else:
                with pytest.raises(TaskFailed):
                    fetch(**looked)

    def test_an_order_that_is_refused_for_it_is_refused(self, vendor: VendorStandIn, start: Call) -> None:
        vendor.script("connection-records", answer(400, b'{"error_code": "WKS.1", "error_msg": "No data"}'))
        with pytest.raises(Rejected, match="No data"):
            start(**RECORDS)


def read(store: Store, key: str) -> Any:
    return json.loads(store.read(key) or b"")
