"""Connections to the vendor outlive an invocation, and are not kept without bound."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from workspace_exports.client.config import ClientConfig
from workspace_exports.client.connections import close_connections, connection
from workspace_exports.client.credentials import AccessKey
from workspace_exports.client.credentials.providers import EnvironmentProvider

KEY = AccessKey("access-key", "secret-key")


def sign_in(endpoint: str, project_id: str = "p") -> ClientConfig:
    return ClientConfig("ap-southeast-3", endpoint, None, EnvironmentProvider(KEY), project_id)


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    close_connections()


def test_the_same_way_to_sign_in_gets_the_same_connections() -> None:
    assert connection(sign_in("https://a.example")) is connection(sign_in("https://a.example"))
    assert connection(sign_in("https://a.example")) is not connection(sign_in("https://b.example"))
    assert connection(sign_in("https://a.example")) is not connection(sign_in("https://a.example", "q"))


def test_the_least_recently_used_are_closed() -> None:
    first, second = connection(sign_in("https://1.example")), connection(sign_in("https://2.example"))
    for number in range(3, 9):
        connection(sign_in(f"https://{number}.example"))
    assert connection(sign_in("https://1.example")) is first
    connection(sign_in("https://9.example"))
    assert second.http.is_closed
    assert not first.http.is_closed


def test_no_thread_closes_what_another_uses() -> None:
    mine = connection(sign_in("https://1.example"))
    with ThreadPoolExecutor(1) as other:
        others = [other.submit(connection, sign_in(f"https://{number}.example")).result() for number in range(1, 10)]
    assert others[0].http.is_closed
    assert not mine.http.is_closed
    assert connection(sign_in("https://1.example")) is mine
    close_connections()
    assert all(one.http.is_closed for one in (mine, *others))
    assert connection(sign_in("https://1.example")) is not mine
