"""Our own listing of a bucket: signed as storage checks it, asked again where that helps, and read with suspicion."""

from collections.abc import Iterator

import pytest

from local.bench import rclone
from tests.support.servers.scripted_http import ScriptedServer
from workspace_exports.core.errors import ArchiveUnavailable
from workspace_exports.storage import s3_listing
from workspace_exports.storage.store import open_store

ONE = (
    b"<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated><Contents><Key>a%2F%2Fb+c</Key>"
    b"<LastModified>2026-11-20T00:00:00.000Z</LastModified><Size>9</Size></Contents></ListBucketResult>"
)
DOCTYPE = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + ONE
NO_LISTING = {
    "a page": b"<html><body>Sign in</body></html>",
    "cut short": ONE[:200],
    "no size": ONE.replace(b"<Size>9</Size>", b""),
    "a size that is none": ONE.replace(b"9", b"many"),
    "entities": DOCTYPE,
    "nothing": b"",
    "more, and no token": ONE.replace(b"false", b"true"),
    "a date that is none": ONE.replace(b"2026-11-20T", b"yesterday"),
}


@pytest.fixture
def storage(s3_environment: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    s3_environment.setattr(s3_listing, "_FIRST_WAIT_SECONDS", 0)
    with ScriptedServer() as server:
        s3_environment.setenv("AWS_ENDPOINT_URL", server.url)
        yield server


def names() -> list[str]:
    return [stored.key for stored in open_store("s3://archive").everything("a")]


@pytest.mark.parametrize("status", [500, 502, 503, 429, 408])
def test_a_storage_that_is_busy_is_asked_again(status: int, storage: ScriptedServer) -> None:
    for _ in range(3):
        storage.answer(status, b"<Error><Code>SlowDown</Code></Error>")
    storage.answer(200, ONE)
    assert names() == ["a//b c"]


def test_a_storage_that_stays_busy_is_told(storage: ScriptedServer) -> None:
    for _ in range(4):
        storage.answer(503, b"<Error><Code>SlowDown</Code></Error>")
    with pytest.raises(ArchiveUnavailable, match=r"StorageRefusal: SlowDown\)\.\sTry again"):
        names()


@pytest.mark.parametrize("kind", NO_LISTING)
def test_what_is_no_listing_is_told_and_not_asked_for_again(kind: str, storage: ScriptedServer) -> None:
    storage.answer(200, NO_LISTING[kind])
    with pytest.raises(ArchiveUnavailable, match="Could not list 'a'"):
        names()
    assert len(storage.requests) == 1


def test_a_storage_that_is_gone_is_told(storage: ScriptedServer, s3_environment: pytest.MonkeyPatch) -> None:
    s3_environment.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(ArchiveUnavailable, match=r"no connection\)\.\sCheck the network"):
        names()


def test_its_signature_holds(signing_endpoint: str, s3_environment: pytest.MonkeyPatch) -> None:
    s3_environment.setenv("AWS_ENDPOINT_URL", signing_endpoint)
    s3_environment.setenv("AWS_ACCESS_KEY_ID", rclone.ACCESS_KEY)
    s3_environment.setenv("AWS_SECRET_ACCESS_KEY", rclone.SECRET_KEY)
    store = open_store("s3://archive/a b+c")
    store.replace("data/x y.json", b"{}")
    assert [stored.key for stored in store.everything("data/")] == ["data/x y.json"]
    s3_environment.setenv("AWS_SECRET_ACCESS_KEY", "another")
    with pytest.raises(ArchiveUnavailable, match="Could not list"):
        list(store.everything("data/"))
