"""The archive's storage on a real S3."""

from datetime import UTC, datetime, timedelta

import pytest

from workspace_exports.core.errors import ArchiveUnavailable
from workspace_exports.storage.store import Store, open_store


@pytest.mark.parametrize("archive_url", ["s3"], indirect=True)
def test_a_refusal_is_told_by_s3s_own_code(store: Store) -> None:
    missing = open_store("s3://no-such-bucket/prefix")
    with pytest.raises(ArchiveUnavailable, match=r"Could not write 'data/x' in the archive \(\w+: NoSuchBucket\)"):
        missing.write("data/x", [b"content"])


def test_a_taken_key_is_not_overwritten(store: Store) -> None:
    assert store.create("manifests/x.json", b"first")
    assert not store.create("manifests/x.json", b"second")
    assert store.read("manifests/x.json") == b"first"


def test_a_listing_tells_key_size_and_time_of_every_object_below_a_prefix(store: Store) -> None:
    before = datetime.now(UTC)
    store.write("data/kind=a/x.xlsx", [b"12", b"345"])
    store.create("data/kind=a/y.xlsx", b"")
    store.write("data/kind=ab/z.xlsx", [b"not below"])
    listed = {stored.key: stored for stored in store.objects("data/kind=a")}
    assert {key: stored.size_bytes for key, stored in listed.items()} == {
        "data/kind=a/x.xlsx": 5,
        "data/kind=a/y.xlsx": 0,
    }
    for stored in listed.values():
        assert stored.written_at.tzinfo is UTC
        assert before - timedelta(seconds=2) <= stored.written_at <= datetime.now(UTC) + timedelta(seconds=2)


def test_a_listing_goes_beyond_one_page_and_ends_where_nothing_is(store: Store) -> None:
    keys = {f"orders/{number:03}.json" for number in range(120)}
    for key in keys:
        store.write(key, [b"{}"])
    assert set(store.keys("orders/")) == keys
    assert list(store.objects("nothing/")) == []


@pytest.mark.parametrize("archive_url", ["s3"], indirect=True)
def test_a_listing_that_is_refused_is_told(store: Store) -> None:
    with pytest.raises(ArchiveUnavailable, match="Could not list 'data/' in the archive"):
        list(open_store("s3://no-such-bucket/prefix").objects("data/"))
