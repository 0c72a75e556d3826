"""Storages that list in no order, twice, or without end (S3 Express directory buckets, sharded indexes, gateways)."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.servers.scripted_http import ScriptedServer
from workspace_exports.archive.layout import SeriesName, manifests_prefix
from workspace_exports.archive.manifests import archived_days
from workspace_exports.audit.verify import verify
from workspace_exports.core.errors import ArchiveUnavailable, Misconfigured
from workspace_exports.storage import s3
from workspace_exports.storage.store import Store, open_store

SERIES = SeriesName("p", "connection-records")
PREFIX = manifests_prefix(SERIES.kind, SERIES.project_id)
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 4)
WANTED = {FIRST + timedelta(days=n) for n in range(4)}

Pages = list[list[str]]
Listing = Callable[[Pages, list[str]], Store]


def day(*numbers: int, month: int = 11) -> list[str]:
    return [f"day=2026-{month:02}-{number:02}.json" for number in numbers]


WINDOW = "window=20261101T000000Z--20261102T000000Z.json"
ORDERS: dict[str, Pages] = {
    "in order": [day(1, 2), day(3, 4), day(5, 6)],
    "later keys first": [day(5, 6), day(1, 2, 3, 4)],
    "later keys on the first of many pages": [[WINDOW, *day(9)], day(1), day(2), day(3), day(4)],
    "backwards": [day(6, 5, 4), day(3, 2, 1)],
    "one shard after the other": [day(1, 3, 5), day(7, 9), day(2, 4, 6)],
    "a shard of earlier months last": [day(3, 4, 5), day(1, 2), day(1, 2, month=10)],
    "shuffled": [day(4, 1, 8), day(2, 6, 3)],
    "a page twice": [day(1, 2), day(1, 2), day(3, 4)],
    "pages that overlap": [day(1, 2, 3), day(3, 4), day(4, 5)],
    "an empty page between": [day(1, 2), [], day(3, 4)],
    "empty pages first": [[], [], day(4, 3, 2, 1)],
    "one key a page": [day(n) for n in (6, 4, 2, 1, 3, 5)],
}


def answer(keys: list[str], token: str | None) -> bytes:
    listed = "".join(
        f"<Contents><Key>{PREFIX}{key}</Key><LastModified>2026-11-20T00:00:00.000Z</LastModified>"
        f"<ETag>x</ETag><Size>900</Size></Contents>"
        for key in keys
    )
    rest = f"<NextContinuationToken>{token}</NextContinuationToken>" if token else ""
    truncated = str(token is not None).lower()
    return f"<ListBucketResult><IsTruncated>{truncated}</IsTruncated>{rest}{listed}</ListBucketResult>".encode()


@pytest.fixture
def storage(s3_environment: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        s3_environment.setenv("AWS_ENDPOINT_URL", server.url)
        yield server


@pytest.fixture
def listing(storage: ScriptedServer) -> Listing:
    """A storage that gives those pages, with those tokens; the last one has none."""

    def script(pages: Pages, tokens: list[str]) -> Store:
        for keys, token in zip(pages, [*tokens, None], strict=True):
            storage.answer(200, answer(keys, token))
        return open_store("s3://archive")

    return script


def numbered(pages: Pages) -> list[str]:
    return [f"token-{number}" for number in range(1, len(pages))]


@pytest.mark.parametrize("order", ORDERS)
def test_every_day_is_found_in_whatever_order(order: str, listing: Listing, storage: ScriptedServer) -> None:
    store = listing(ORDERS[order], numbered(ORDERS[order]))
    assert archived_days(store, SERIES, FIRST, LAST) == WANTED
    assert storage.answers == []


def test_what_a_storage_without_order_is_asked_names_no_first_key(listing: Listing, storage: ScriptedServer) -> None:
    """It would begin where that key is in its own order."""
    archived_days(listing([day(1)], []), SERIES, FIRST, LAST)
    assert "start-after" not in parse_qs(urlsplit(storage.requests[0][1]).query)


@pytest.mark.parametrize("pages", [ORDERS["a page twice"], ORDERS["pages that overlap"]], ids=["twice", "overlap"])
def test_a_manifest_that_is_listed_twice_is_checked_once(
    pages: Pages, listing: Listing, storage: ScriptedServer
) -> None:
    store = listing(pages, numbered(pages))
    keys = [stored.key for stored in store.objects(PREFIX)]
    assert len(keys) > len(set(keys))
    listings: list[Pages] = [pages, [[]], [[]], [[]], pages, [[]], [[]]]
    for listed in listings:
        for keys, token in zip(listed, [*numbered(listed), None], strict=True):
            storage.answer(200, answer(keys, token))
    unread = {key for page in pages for key in page}
    storage.answers += [(404, {}, b"<Error><Code>NoSuchKey</Code></Error>")] * len(unread)
    found = [finding.key for finding in verify(store)]
    assert sorted(found) == sorted(f"{PREFIX}{key}" for key in unread)


@pytest.mark.parametrize("tokens", [["same"], ["one", "two"], ["one", "two", "three"]], ids=["one", "two", "three"])
@pytest.mark.parametrize("exact", [False, True], ids=["by obstore", "exactly"])
def test_a_listing_that_repeats_itself_ends_with_what_to_do(
    *, exact: bool, tokens: list[str], storage: ScriptedServer
) -> None:
    for number in range(200):
        storage.answer(200, answer(day(*range(1, 20)), tokens[number % len(tokens)]))
    store = open_store("s3://archive")
    with pytest.raises(ArchiveUnavailable, match=r"does not end: the storage repeats it\.\sTry again"):
        list(store.everything(PREFIX) if exact else store.objects(PREFIX))
    assert len(storage.answers) > 150


class TestAPromise:
    """Of a storage that promises order, no more is read than that takes, as long as it is seen to be kept."""

    @pytest.fixture(autouse=True)
    def promised(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(s3, "IN_ORDER", (*s3.IN_ORDER, "127.0.0.1"))

    def test_that_is_kept_spares_the_pages_behind(self, listing: Listing, storage: ScriptedServer) -> None:
        hours = [f"window={number:04}.json" for number in range(100)]
        store = listing([[*day(1, 2, 3, 4, 5), *hours], ["window=1.json"]], ["more"])
        assert archived_days(store, SERIES, FIRST, LAST) == WANTED
        assert "start-after" in parse_qs(urlsplit(storage.requests[0][1]).query)
        assert len(storage.answers) == 1

    def test_that_is_broken_is_not_relied_on_any_more(self, listing: Listing, storage: ScriptedServer) -> None:
        store = listing([day(2, 1, 5), day(4, 3)], ["more"])
        assert archived_days(store, SERIES, FIRST, LAST) == WANTED
        assert storage.answers == []


@pytest.mark.parametrize("zone", ["usw2-az1", "use1-az4", "apne1-az4", "euc1-az2"])
@pytest.mark.parametrize("prefix", ["", "/workspace-exports"])
def test_a_directory_bucket_is_refused(zone: str, prefix: str, s3_environment: pytest.MonkeyPatch) -> None:
    with pytest.raises(Misconfigured, match=r"lists in no order.*\sSet ARCHIVE_URL to a general purpose bucket"):
        open_store(f"s3://archive--{zone}--x-s3{prefix}")


@pytest.mark.parametrize(
    ("endpoint", "promised"),
    [
        ("", True),
        ("https://s3.eu-central-1.amazonaws.com", True),
        ("https://bucket.vpce-1a2b.s3.eu-central-1.vpce.amazonaws.com", True),
        ("https://s3.cn-north-1.amazonaws.com.cn", True),
        ("https://obs.ap-southeast-3.myhuaweicloud.com", False),
        ("https://amazonaws.com.example", False),
        ("https://fakeamazonaws.com", False),
        ("http://127.0.0.1:9000", False),
    ],
)
def test_aws_promises_order_and_of_others_it_is_not_known(endpoint: str, *, promised: bool) -> None:
    assert s3.lists_in_order("bucket", {"AWS_REGION": "eu-central-1", "AWS_ENDPOINT_URL": endpoint}) is promised
