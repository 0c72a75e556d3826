"""Connections to the vendor outlive an invocation, and are not kept without bound."""

from collections.abc import Iterator

import httpx
import pytest

from workspace_exports.errors import VendorUnavailable
from workspace_exports.vendor.connections import close_connections, connection
from workspace_exports.vendor.credentials import AccessKey
from workspace_exports.vendor.download import Download

KEY = AccessKey("access-key", "secret-key")


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    close_connections()


def test_the_same_settings_get_the_same_connections() -> None:
    assert connection("https://a.example", KEY) is connection("https://a.example", KEY)
    assert connection("https://a.example", KEY) is not connection("https://b.example", KEY)


def test_the_least_recently_used_are_closed() -> None:
    first, second = connection("https://1.example", KEY), connection("https://2.example", KEY)
    for number in range(3, 9):
        connection(f"https://{number}.example", KEY)
    assert connection("https://1.example", KEY) is first
    connection("https://9.example", KEY)
    assert second.is_closed
    assert not first.is_closed


class Stalling(httpx.SyncByteStream):
    """A body whose connection goes silent."""

    def __iter__(self) -> Iterator[bytes]:
        yield b"PK"
        raise httpx.ReadTimeout("silence")


def test_a_download_that_stalls_is_an_outage_and_not_a_bad_file() -> None:
    response = httpx.Response(200, stream=Stalling(), headers={"X-Request-Id": "r"})
    with pytest.raises(VendorUnavailable, match=r"broke off \(ReadTimeout\).*request_id=r"):
        list(Download(response))
