"""Headers of a download and of the answer that goes on with it: lengths, versions, ranges, dates, waits."""

import math
import re
from collections.abc import Iterator
from contextlib import closing

import httpx

from tests.fuzz.messages import Message, read_message, write_message
from tests.support.builders.examples import NOW, PROJECT_ID, TASK_ID
from workspace_exports.client.answers import Answer, to_exception
from workspace_exports.client.download import Download
from workspace_exports.client.ranges import Part, Version, check_nothing_is_left, rest_of_file, whole_file
from workspace_exports.client.requests import RequestSender
from workspace_exports.client.retry import RetryPolicy, http_date, retry_after_seconds
from workspace_exports.client.skew import clock_skew, describe_skew
from workspace_exports.core.deadline import Deadline
from workspace_exports.core.errors import BadFile, ExportError

FILE = bytes(range(250)) * 4
_POLICY = RetryPolicy()


def check(content: bytes) -> None:
    """Two versions are never joined, nothing is asked for that cannot be, and no date and no wait is out of range."""
    first, second = read_message(content), read_message(content.partition(b"\n\n")[2])
    begun = whole_file(first.headers)
    position = first.number
    _check_range(begun.version, position)
    _check_rest(begun.version, position, second)
    for headers in (first.headers, second.headers):
        _check_times(headers, second.status)
    _check_download(first, second, min(position, len(FILE)))


def _check_range(version: Version, position: int) -> None:
    asked = version.range_headers(position)
    assert all(value.isascii() and value.isprintable() for value in asked.values())
    assert not asked or position
    if_range = asked.get("If-Range", '""')
    assert re.fullmatch(r'"[^"\s]*"', if_range) or http_date(if_range), if_range


def _check_rest(begun: Version, position: int, answer: Message) -> None:
    part = _rest(begun, position, answer)
    if part is None:
        return
    assert part.starts_at in {0, position}
    assert part.ends_at is None or part.ends_at >= part.starts_at
    if begun.strong_etag:
        assert answer.headers.get("etag", begun.etag) == begun.etag
        assert part.is_proven
    if None not in (begun.size_bytes, part.version.size_bytes):
        assert begun.size_bytes == part.version.size_bytes
    if answer.status == 206:
        assert begun.validator is not None
        assert int(re.findall("[0-9]+", answer.headers["content-range"])[0]) == position
        assert part.version.size_bytes is not None
        assert part.ends_at is not None
        assert position == part.starts_at < part.ends_at <= part.version.size_bytes


def _rest(begun: Version, position: int, answer: Message) -> Part | None:
    try:
        if answer.status == 416:
            check_nothing_is_left(begun, position, answer.headers)
            return None
        return rest_of_file(begun, position, answer.status, answer.headers)
    except BadFile:
        return None


def _check_times(headers: dict[str, str], status: int) -> None:
    seconds = retry_after_seconds(headers, NOW)
    assert seconds is None or (math.isfinite(seconds) and seconds >= 0)
    error = to_exception(Answer(status, headers, b""), "look")
    wait = _POLICY.next_wait(1, error, 60, lambda: 0.5)
    assert wait is None or 0 <= wait <= _POLICY.longest_wait_seconds
    skew = clock_skew(headers.get("date"), NOW)
    assert skew is None or describe_skew(skew).isprintable()


def _check_download(first: Message, second: Message, position: int) -> None:
    """The vendor is honest about the bytes, whatever it says of them: they come as they are, or not at all."""
    announced = whole_file(first.headers).version.size_bytes
    answers = iter([_answer(200, first, FILE[:position], breaks=True), _rest_answer(second, position)])

    def send(_: httpx.Request) -> httpx.Response:
        return next(answers, None) or httpx.Response(503)

    with httpx.Client(base_url="https://vendor.invalid", transport=httpx.MockTransport(send)) as http:
        caller = RequestSender(http, PROJECT_ID, Deadline.after(3600), _POLICY, sleep=lambda _: None, draw=lambda: 0.0)
        try:
            with closing(Download(caller, TASK_ID)) as download:
                came = b"".join(download)
        except ExportError:
            return
    expected = FILE[:position] if position in {announced, len(FILE)} or second.status == 416 else FILE
    assert came == expected


def _rest_answer(message: Message, position: int) -> httpx.Response:
    body = {206: FILE[position:], 200: FILE}.get(message.status, b"")
    return _answer(message.status, message, body, breaks=False)


def _answer(status: int, message: Message, body: bytes, *, breaks: bool) -> httpx.Response:
    return httpx.Response(status, headers=message.sendable, stream=_Body(body, breaks=breaks))


class _Body(httpx.SyncByteStream):
    def __init__(self, content: bytes, *, breaks: bool) -> None:
        self._content = content
        self._breaks = breaks

    def __iter__(self) -> Iterator[bytes]:
        if self._content:
            yield self._content
        if self._breaks:
            raise httpx.ReadError("reset")


def seeds() -> Iterator[bytes]:
    """Honest answers of every kind, and dates as the RFC and nobody else writes them."""
    date = "Sun, 22 Nov 2026 04:30:00 GMT"
    strong, weak = {"ETag": '"a"', "Content-Length": "1000"}, {"ETag": 'W/"a"', "Content-Length": "1000"}
    dated = {"Last-Modified": "Sat, 21 Nov 2026 04:30:00 GMT", "Date": date, "Content-Length": "1000"}
    rest = {"Content-Range": "bytes 300-999/1000"}
    pairs = [
        (strong, 206, {**strong, **rest}),
        (strong, 206, {"Content-Range": "bytes 300-999/*"}),
        (strong, 206, {"ETag": '"b"', **rest}),
        (dated, 206, {**dated, **rest}),
        (weak, 200, weak),
        ({}, 200, {}),
        ({"ETag": '"a"'}, 206, rest),
        (strong, 416, {"Content-Range": "bytes */300"}),
        (strong, 503, {"Retry-After": "3", "Date": date}),
        (strong, 429, {"Retry-After": "Sun, 22 Nov 2026 04:30:05 GMT"}),
        ({"Date": "Fri, 31 Dec 9999 23:59:59 GMT"}, 503, {"Retry-After": "1e400"}),
        ({"Date": "Mon, 01 Jan 1601 00:00:00 -2359"}, 503, {"Retry-After": "nan"}),
        ({"Content-Encoding": "gzip"}, 200, {"Content-Disposition": 'attachment; filename="../../x"'}),
        ({"Content-Length": "9" * 19}, 206, {"Content-Range": f"bytes 300-{'9' * 18}/{'9' * 18}"}),
    ]
    for position in (0, 300, 1000):
        for first, status, second in pairs:
            yield write_message(position, first, write_message(status, second))
