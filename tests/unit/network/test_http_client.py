"""What an answer may do to a client that carries credentials: not much."""

from collections.abc import Iterator, Mapping

import httpx
import pytest

from workspace_exports.network import http_client as transport
from workspace_exports.network.bad_answers import EndlessAnswer
from workspace_exports.network.http_client import AS_STREAM, open_client

MEGABYTE = bytes(1024 * 1024)


class Endless(httpx.SyncByteStream):
    """Zeros, counted as they are taken; not quite without an end, should nobody stop them."""

    def __init__(self) -> None:
        self.megabytes = 0
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        for self.megabytes in range(1, 65):
            yield MEGABYTE

    def close(self) -> None:
        self.closed = True


def answering(response: httpx.Response) -> httpx.Client:
    client = open_client("https://vendor.invalid")
    client._transport = httpx.MockTransport(lambda _: response)
    client._mounts = {}
    return client


@pytest.mark.parametrize("location", ["https://elsewhere.invalid/", "file:x", "http://xn--a", "//[", "http://a:b"])
def test_a_redirect_is_an_answer_like_any_other_wherever_it_points(location: str) -> None:
    with answering(httpx.Response(302, headers={"Location": location})) as http:
        got = http.get("/")
    assert (got.status_code, got.next_request) == (302, None)


def test_a_body_without_an_end_is_given_up_before_it_fills_the_memory() -> None:
    body = Endless()
    with answering(httpx.Response(200, stream=body)) as http, pytest.raises(EndlessAnswer):
        http.get("/")
    assert (body.megabytes, body.closed) == (9, True)


def test_a_body_that_comes_bit_by_bit_gets_the_time_of_one_read(monkeypatch: pytest.MonkeyPatch) -> None:
    body, seconds = Endless(), iter(range(0, 100, 8))
    monkeypatch.setattr(transport, "monotonic", lambda: next(seconds))
    with answering(httpx.Response(200, stream=body)) as http, pytest.raises(EndlessAnswer):
        http.get("/")
    assert (body.megabytes, body.closed) == (3, True)


@pytest.mark.parametrize(
    ("status", "extensions", "megabytes"),
    [(200, {AS_STREAM: True}, 20), (206, {AS_STREAM: True}, 20), (404, {AS_STREAM: True}, 1), (200, {}, 9)],
)
def test_only_a_file_may_be_of_any_length(status: int, extensions: Mapping[str, bool], megabytes: int) -> None:
    body = Endless()
    with answering(httpx.Response(status, stream=body)) as http:
        request = http.build_request("GET", "/", extensions={**extensions, "timeout": {"read": 5.0}})
        response = http.send(request, stream=True)
        try:
            for _ in response.iter_raw():
                if body.megabytes == 20:
                    break
        except EndlessAnswer:
            pass
        response.close()
    assert body.megabytes == megabytes
