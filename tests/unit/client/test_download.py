"""A download over scripted answers: how often it asks, how long it waits, and what it never passes on."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import ClassVar

import httpx
import pytest

from tests.support.builders.examples import PROJECT_ID, TASK_ID
from workspace_exports.client.download import Download
from workspace_exports.client.requests import RequestSender
from workspace_exports.client.retry import RetryPolicy
from workspace_exports.client.workspace import WorkspaceClient
from workspace_exports.core.deadline import Deadline
from workspace_exports.core.errors import BadFile, ExportError, VendorUnavailable

FILE = bytes(range(256)) * 4
OTHER = FILE[::-1]
SIZE = len(FILE)
STRONG = {"ETag": '"a"'}
PLENTY = Deadline.after(3600)

Step = Callable[[], object]


def cut() -> None:
    raise httpx.RemoteProtocolError("peer closed connection")


def reset() -> None:
    raise httpx.ReadError("reset")


def stall() -> None:
    raise httpx.ReadTimeout("silence")


@dataclass
class Answer:
    """What the vendor sends: chunks, and what happens between and after them."""

    status: int
    headers: dict[str, str]
    body: list[bytes | Step] = field(default_factory=list)

    def response(self, number: int) -> httpx.Response:
        headers = {"X-Request-Id": f"r{number}", **self.headers}
        return httpx.Response(self.status, headers=headers, stream=Body(self.body))


class Body(httpx.SyncByteStream):
    def __init__(self, steps: list[bytes | Step]) -> None:
        self._steps = steps

    def __iter__(self) -> Iterator[bytes]:
        for step in self._steps:
            if isinstance(step, bytes):
                yield step
            else:
                step()


def whole(*body: bytes | Step, **headers: str) -> Answer:
    return Answer(200, {**STRONG, "Content-Length": str(SIZE), **headers}, list(body))


def unnamed(*body: bytes | Step, **headers: str) -> Answer:
    return Answer(200, headers, list(body))


def part(first: int, *body: bytes | Step, last: int = SIZE - 1, total: int | str = SIZE) -> Answer:
    return Answer(206, {**STRONG, "Content-Range": f"bytes {first}-{last}/{total}"}, list(body))


def pass_on(chunks: Iterable[bytes], to: bytearray) -> None:
    for chunk in chunks:
        to += chunk


class Vendor:
    """Gives one answer a request, and keeps what it was asked and how long it was waited."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []
        self.waits: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.answers.pop(0).response(len(self.requests))

    @property
    def asked(self) -> list[str | None]:
        """The Range of every request."""
        return [request.headers.get("Range") for request in self.requests]

    @contextmanager
    def caller(self, deadline: Deadline = PLENTY, attempts: int = 3) -> Iterator[RequestSender]:
        with httpx.Client(base_url="https://vendor.invalid", transport=httpx.MockTransport(self)) as http:
            policy = RetryPolicy(attempts)
            yield RequestSender(http, PROJECT_ID, deadline, policy, sleep=self.waits.append, draw=lambda: 0.5)

    def fetch(self, deadline: Deadline = PLENTY) -> bytes:
        with self.caller(deadline) as caller, WorkspaceClient(caller).open_file(TASK_ID) as download:
            return b"".join(download)

    def refusal(self, deadline: Deadline = PLENTY) -> tuple[bytes, ExportError]:
        """What it passed on before it failed, and how it failed."""
        passed = bytearray()
        with self.caller(deadline) as caller, closing(Download(caller, TASK_ID)) as download:
            with pytest.raises(ExportError) as caught:
                pass_on(download, passed)
            return bytes(passed), caught.value


@pytest.mark.parametrize("broken", [cut, reset, stall])
def test_it_goes_on_where_it_broke_off_whatever_broke_it(broken: Step) -> None:
    vendor = Vendor(whole(FILE[:100], broken), part(100, FILE[100:300], broken), part(300, FILE[300:]))
    assert vendor.fetch() == FILE
    assert vendor.asked == [None, "bytes=100-", "bytes=300-"]
    assert vendor.waits == []


def test_the_answers_it_came_in_are_named() -> None:
    vendor = Vendor(whole(FILE[:100], cut), Answer(503, {}), part(100, FILE[100:]))
    with vendor.caller() as caller, closing(Download(caller, TASK_ID)) as download:
        assert (download.size_bytes, download.request_ids) == (SIZE, ("r1",))
        assert b"".join(download) == FILE
        assert (download.request_id, download.request_ids) == ("r1", ("r1", "r3"))


def test_an_answer_without_a_name_is_read_all_the_same() -> None:
    vendor = Vendor(Answer(200, {"X-Request-Id": "", **STRONG}, [FILE]))
    with vendor.caller() as caller, closing(Download(caller, TASK_ID)) as download:
        assert b"".join(download) == FILE
        assert download.request_ids == ()


def test_without_new_bytes_it_waits_longer_each_time_and_gives_up() -> None:
    vendor = Vendor(whole(FILE[:100], cut), part(100, stall), part(100, reset), part(100, cut))
    passed, error = vendor.refusal()
    assert passed == FILE[:100]
    assert isinstance(error, BadFile)
    assert (error.what, error.vendor_request_id) == (f"The file was cut short: 100 of {SIZE} bytes came", "r4")
    assert vendor.waits == [0.5, 1.0]


@pytest.mark.parametrize(("broken", "word"), [(reset, "ReadError"), (stall, "ReadTimeout")])
def test_a_connection_that_keeps_failing_is_an_outage_and_not_a_bad_file(broken: Step, word: str) -> None:
    vendor = Vendor(whole(FILE[:100], broken), *[part(100, broken)] * 3)
    _, error = vendor.refusal()
    assert isinstance(error, VendorUnavailable)
    assert error.what == f"The download broke off ({word}): 100 of {SIZE} bytes came"


def test_any_new_byte_begins_the_count_anew() -> None:
    one_at_a_time = [
        answer for at in range(1, 10) for answer in (part(at, cut), part(at, cut), part(at, FILE[at : at + 1], cut))
    ]
    vendor = Vendor(whole(FILE[:1], cut), *one_at_a_time, part(10, FILE[10:]))
    assert vendor.fetch() == FILE
    assert vendor.waits == [0.5, 1.0] * 9


def test_answers_that_say_to_wait_count_too() -> None:
    vendor = Vendor(whole(FILE[:100], cut), Answer(503, {}), Answer(429, {"Retry-After": "7"}), part(100, FILE[100:]))
    assert vendor.fetch() == FILE
    assert vendor.waits == [0.5, 7.0]


def test_a_body_that_ends_early_without_an_error_is_cut_too() -> None:
    vendor = Vendor(whole(FILE[:100]), part(100, FILE[100:200], last=199), part(200, FILE[200:]))
    assert vendor.fetch() == FILE


def test_a_length_that_is_announced_late_is_held_to() -> None:
    vendor = Vendor(unnamed(FILE[:100], cut, **STRONG), part(100, FILE[100:200]), part(200, FILE[200:]))
    assert vendor.fetch() == FILE


def test_a_part_that_may_or_may_not_be_the_last_is_refused() -> None:
    passed, error = Vendor(unnamed(FILE[:100], cut, **STRONG), part(100, FILE[100:200], total="*")).refusal()
    assert isinstance(error, BadFile)
    assert "does not say where the file ends" in error.what
    assert passed == FILE[:100]


@pytest.mark.parametrize(
    "answers",
    [
        [whole(FILE[:100], cut), part(100, FILE[100:], b"x")],
        [whole(FILE[:100], cut), part(100, FILE[100:201], last=199)],
        [whole(FILE[:100], cut), unnamed(FILE, b"x", **STRONG)],
        [unnamed(FILE[:100], cut, **STRONG), part(100, FILE[100:], b"x")],
    ],
    ids=["beyond-the-file", "beyond-the-part", "again-and-beyond", "beyond-a-late-length"],
)
def test_more_than_was_announced_is_never_passed_on(answers: list[Answer]) -> None:
    passed, error = Vendor(*answers).refusal()
    assert isinstance(error, BadFile)
    assert error.what.startswith("The vendor sent more than")
    assert FILE.startswith(passed)


def test_what_came_before_is_dropped_wherever_the_chunks_end() -> None:
    for size in (1, 99, 100, 101, 300, SIZE):
        chunks = [FILE[at : at + size] for at in range(0, SIZE, size)]
        for first in (whole(FILE[:100], cut), unnamed(FILE[:100], cut)):
            again = Answer(200, first.headers, list(chunks))
            assert Vendor(first, again).fetch() == FILE, size


def test_what_came_before_must_be_the_same_where_no_strong_etag_says_so() -> None:
    passed, error = Vendor(unnamed(FILE[:100], cut), unnamed(OTHER)).refusal()
    assert (passed, type(error)) == (FILE[:100], BadFile)
    assert "its first bytes differ" in error.what
    assert error.vendor_request_id == "r2"


def test_an_answer_that_breaks_off_before_it_is_compared_is_not_gone_on_with() -> None:
    vendor = Vendor(unnamed(FILE[:100], cut), unnamed(OTHER[:50], cut, ETag='"b"'), unnamed(OTHER, ETag='"b"'))
    passed, error = vendor.refusal()
    assert (passed, type(error)) == (FILE[:100], BadFile)
    assert vendor.asked == [None, None, None]


def test_a_version_that_was_compared_is_the_one_gone_on_with() -> None:
    vendor = Vendor(unnamed(FILE[:100], cut), unnamed(FILE[:200], cut, **STRONG), part(200, FILE[200:]))
    assert vendor.fetch() == FILE
    assert vendor.asked == [None, None, "bytes=200-"]


def test_a_file_that_is_shorter_than_what_came_of_it_is_cut_short() -> None:
    vendor = Vendor(unnamed(FILE[:100], cut), *[unnamed(FILE[:50])] * 3)
    passed, error = vendor.refusal()
    assert (passed, type(error)) == (FILE[:100], BadFile)
    assert error.what == "The file was cut short: 100 bytes came"


def test_a_break_behind_the_last_byte_is_none() -> None:
    assert Vendor(whole(FILE, cut)).fetch() == FILE
    assert Vendor(unnamed(FILE, cut, **STRONG), Answer(416, {"Content-Range": f"bytes */{SIZE}"})).fetch() == FILE
    assert Vendor(unnamed(FILE, cut), unnamed(FILE)).fetch() == FILE


def test_a_range_that_is_not_there_any_more_is_another_file() -> None:
    passed, error = Vendor(whole(FILE[:100], cut), Answer(416, {"Content-Range": "bytes */99"})).refusal()
    assert (passed, type(error)) == (FILE[:100], BadFile)
    assert error.vendor_request_id == "r2"


class Hourglass(Deadline):
    """Runs out when it is turned over, and not by the clock."""

    ran_out: ClassVar[bool]

    def remaining_seconds(self) -> float:
        return 0.0 if type(self).ran_out else 60.0

    @classmethod
    def run_out(cls) -> None:
        cls.ran_out = True


@pytest.fixture
def hourglass() -> Hourglass:
    Hourglass.ran_out = False
    return Hourglass.after(60)


@pytest.mark.parametrize(
    ("what_follows", "came"), [(FILE[200:300], 300), (cut, 200), (stall, 200)], ids=["bytes", "cut", "stall"]
)
def test_when_the_time_is_over_it_says_how_far_it_came(
    what_follows: bytes | Step, came: int, hourglass: Hourglass
) -> None:
    vendor = Vendor(whole(FILE[:200], hourglass.run_out, what_follows, FILE[300:]))
    passed, error = vendor.refusal(hourglass)
    assert passed == FILE[:came]
    assert isinstance(error, VendorUnavailable)
    assert error.what == f"The time for the download is over: {came} of {SIZE} bytes came"
    assert "give the function more time" in error.next_step
    assert len(vendor.asked) == 1


def test_a_file_that_came_in_time_is_not_refused_for_the_time_after_it(hourglass: Hourglass) -> None:
    assert Vendor(whole(FILE[:200], hourglass.run_out, FILE[200:])).fetch(hourglass) == FILE


def test_an_upload_is_left_some_time_to_be_aborted_in() -> None:
    vendor = Vendor(whole(FILE))
    with vendor.caller(Deadline.after(5)) as caller, pytest.raises(VendorUnavailable, match="time for the download"):
        Download(caller, TASK_ID)


def test_a_silence_is_bounded_by_less_than_what_is_left() -> None:
    silences = []
    for deadline in (PLENTY, Deadline.after(6.4)):
        vendor = Vendor(whole(FILE))
        with vendor.caller(deadline) as caller, closing(Download(caller, TASK_ID)):
            silences.append(vendor.requests[0].extensions["timeout"]["read"])
    assert silences == [5.0, 0.5]
