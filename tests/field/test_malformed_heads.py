"""Answers whose head is no HTTP (python-hyper/h11#96, encode/httpx#1363), or says two lengths: F10."""

import json

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.field.finished import finished, ordered
from tests.support.builders.examples import workbook
from tests.support.checks.landed import landed
from tests.support.fixtures.handlers import Call
from tests.support.servers.raw_http import Wire, chunked, message
from workspace_exports.core.errors import VendorUnavailable
from workspace_exports.network.bad_answers import malformed_head
from workspace_exports.storage.store import Store

BOOK = workbook()
LISTED = json.dumps({"export_tasks": [{"task_id": "t", "status": "SUCCESS", "file_name": "records.xlsx"}]}).encode()
FOLDER = pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
SECRET = "MIIDkgYJKoZIhvcNAQcCoIIDgzCCA38"

MALFORMED = [
    pytest.param(message(LISTED, f"X-Subject-Token : {SECRET}"), "'X-Subject-Token '", id="blank-before-the-colon"),
    pytest.param(
        message(LISTED, "get-ban-to-cache-result/forum.php: userdata not support"),
        "'get-ban-to-cache-result/forum.php'",
        id="encode/httpx#1363, the vendor's own forum",
    ),
    pytest.param(message(LISTED, "X-Namé: a"), r"'X-Nam\\xe9'", id="name-that-is-not-ascii"),
    pytest.param(message(LISTED, ": a"), "illegal header line ''", id="no-name"),
    pytest.param(message(LISTED, SECRET), "without a colon", id="no-colon"),
    pytest.param(message(LISTED, f"X-Token: a\r{SECRET}"), "'X-Token'", id="bare-cr"),
    pytest.param(message(LISTED, f"X-Token: a\n{SECRET}"), "without a colon", id="bare-lf"),
    pytest.param(message(LISTED, f"X-Token: \x00{SECRET}"), "'X-Token'", id="nul"),
    pytest.param(
        b"HTTP/1.1 200 OK\r\n X-Token: folded\r\n\r\n", "continuation line at start", id="curl/curl#10319, fold first"
    ),
    pytest.param(message(LISTED, status="HTTP/1.1 2OO OK"), "'HTTP/1.1 2OO OK'", id="letters-for-zeros"),
    pytest.param(message(LISTED, status="HTTP/1.1 20 OK"), "illegal status line", id="two-digits"),
    pytest.param(message(LISTED, status="HTTP/2 200"), "'HTTP/2 200'", id="version-without-a-dot"),
    pytest.param(message(LISTED, status="ICY 200 OK"), "'ICY 200 OK'", id="another-protocol"),
    pytest.param(LISTED + b"\r\n\r\n", "illegal status line", id="HTTP/0.9"),
    pytest.param(b"\x15\x03\x01\x00\x02\x02\x16", "a blank or a control character", id="a-TLS-alert"),
    pytest.param(b"\r\n\r\n" + message(LISTED), "no response line", id="blank-lines-first"),
    pytest.param(
        message(LISTED, f"Content-Length: {len(LISTED) + 1}"),
        "conflicting Content-Length",
        id="encode/httpx#740, two lengths",
    ),
    pytest.param(message(LISTED, "Content-Length: -1", length=False), "bad Content-Length", id="a-length-below-zero"),
    pytest.param(
        message(chunked(LISTED), "Transfer-Encoding: chunked", "Transfer-Encoding: chunked", length=False),
        "multiple Transfer-Encoding",
        id="encode/httpx#1862",
    ),
    pytest.param(
        message(LISTED, "Transfer-Encoding: gzip, chunked", length=False),
        "another one than chunked",
        id="a-transfer-coding",
    ),
    pytest.param(message(LISTED, f"X-Long: {'x' * 200_000}"), "longer than 100 KiB", id="python-hyper/h11#96, long"),
]
ABSENT = [
    pytest.param(b"", id="closed-at-once"),
    pytest.param(b"HTTP/1.1 200 OK\r\nX-A: b", id="closed-amid-the-head"),
]
UNUSUAL = [
    pytest.param(message(LISTED, "X-Token: a\r\n folded"), id="fold-of-a-value"),
    pytest.param(message(LISTED, "Server:"), id="python-hyper/h11#96, no value"),
    pytest.param(message(LISTED, f"Content-Length: {len(LISTED)}"), id="one-length-twice"),
    pytest.param(message(LISTED, status="HTTP/1.1 200"), id="no-reason"),
    pytest.param(message(LISTED).replace(b"\r\n", b"\n"), id="lf-alone"),
    pytest.param(message(LISTED, status="HTTP/1.0 200 OK"), id="HTTP/1.0"),
    pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" + message(LISTED), id="100-first"),
    pytest.param(
        message(chunked(LISTED), "Transfer-Encoding: chunked", "Content-Length: 7", length=False),
        id="chunks-and-length",
    ),
]


@FOLDER
@pytest.mark.parametrize(("answer", "says"), MALFORMED)
def test_a_malformed_head_is_told_without_what_its_headers_hold(
    answer: bytes, says: str, environment: pytest.MonkeyPatch, poll: Call
) -> None:
    with Wire(lambda _: answer) as vendor:
        environment.setenv("WORKSPACE_ENDPOINT", vendor.url)
        with pytest.raises(VendorUnavailable, match=f"the head of the answer is malformed: .*(?:{says})") as caught:
            poll(**ordered())
    assert "no answer" not in str(caught.value)
    assert SECRET[:12] not in str(caught.value)
    assert caught.value.what.isprintable()
    assert len(caught.value.what) < 300


@FOLDER
@pytest.mark.parametrize("answer", ABSENT)
def test_a_connection_that_closes_without_a_head_is_no_answer(
    answer: bytes, environment: pytest.MonkeyPatch, poll: Call
) -> None:
    with Wire(lambda _: answer) as vendor:
        environment.setenv("WORKSPACE_ENDPOINT", vendor.url)
        with pytest.raises(VendorUnavailable, match="no answer from the vendor"):
            poll(**ordered())


@FOLDER
@pytest.mark.parametrize("answer", UNUSUAL)
def test_an_unusual_head_is_read(answer: bytes, environment: pytest.MonkeyPatch, poll: Call) -> None:
    with Wire(lambda _: answer) as vendor:
        environment.setenv("WORKSPACE_ENDPOINT", vendor.url)
        assert poll(**ordered())["status"] == "SUCCESS"


@FOLDER
def test_chunks_that_are_none_are_told_as_such(environment: pytest.MonkeyPatch, poll: Call) -> None:
    with Wire(lambda _: message(LISTED + b"\r\n", "Transfer-Encoding: chunked", length=False)) as vendor:
        environment.setenv("WORKSPACE_ENDPOINT", vendor.url)
        with pytest.raises(VendorUnavailable, match="its chunks are not well-formed"):
            poll(**ordered())


@FOLDER
def test_a_malformed_head_of_the_file_is_told_too(environment: pytest.MonkeyPatch, fetch: Call, store: Store) -> None:
    with Wire(lambda _: message(BOOK, "X-Name : a")) as vendor:
        environment.setenv("WORKSPACE_ENDPOINT", vendor.url)
        with pytest.raises(VendorUnavailable, match="Could not download the file: the head of the answer is malformed"):
            fetch(**finished())
    assert landed(store) == []


@FOLDER
@pytest.mark.parametrize(
    "lengths",
    [
        pytest.param([len(BOOK) - 1], id="shorter, django/daphne#371"),
        pytest.param([len(BOOK) + 1], id="longer, snoyberg/http-client#115"),
        pytest.param([len(BOOK)], id="the-same"),
        pytest.param([0], id="zero"),
        pytest.param([1], id="one"),
        pytest.param([len(chunked(BOOK))], id="of-the-chunks"),
        pytest.param([7, 7], id="twice"),
        pytest.param([10**18 - 1], id="huge"),
    ],
)
def test_a_length_beside_chunks_says_nothing(
    lengths: list[int], environment: pytest.MonkeyPatch, fetch: Call, store: Store
) -> None:
    headers = ["Transfer-Encoding: chunked", *(f"Content-Length: {length}" for length in lengths)]
    with Wire(lambda _: message(chunked(BOOK), *headers, length=False)) as vendor:
        environment.setenv("WORKSPACE_ENDPOINT", vendor.url)
        archived = fetch(**finished())["archived"]
    assert b"".join(store.chunks(archived["key"])) == BOOK


@pytest.mark.parametrize("failure", [None, httpx.ReadTimeout("x"), httpx.ConnectError("x")])
def test_other_failures_are_not_blamed_on_a_head(failure: httpx.RequestError | None) -> None:
    assert malformed_head(failure) is None


@given(before=st.binary(max_size=60), value=st.text("0123456789abcdef", min_size=12, max_size=60))
def test_no_value_gets_into_the_text_whatever_the_line_is(before: bytes, value: str) -> None:
    line = before + b":" + value.encode()
    for said in (f"illegal header line: {bytearray(line)!r}", f"illegal header line: {value.encode()!r}"):
        told = malformed_head(httpx.RemoteProtocolError(said))
        assert told
        assert told.isprintable()
        assert value not in told
