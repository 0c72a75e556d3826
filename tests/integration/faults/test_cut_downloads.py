"""Downloads that break off: the file lands as one version, byte for byte, or not at all.

Through the real handler, over real connections, at every place a body can break.
"""

import hashlib
import io
import itertools
import json
import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest

from functions.fetch_file import app as fetch_file
from local.faults.connections import DROP_BEFORE_WORK
from local.standin.clock import SettableClock
from local.standin.faults.answers import answer, error, server_error, throttled
from local.standin.faults.mishaps import Fault, Misstate, Replace, Truncate
from local.standin.server import VendorStandIn
from tests.support.builders.requests import RECORDS
from tests.support.checks.landed import landed
from tests.support.checks.leaks import CANARIED
from tests.support.fixtures.handlers import Call
from tests.support.lambda_context import lambda_context
from workspace_exports.core.errors import (
    BadFile,
    ExportError,
    FileExpired,
    Rejected,
    TaskLost,
    Throttled,
    Unauthorized,
    VendorUnavailable,
)
from workspace_exports.storage.store import Store, open_store

STEP_BYTES = 64 * 1024
SMALL_BYTES = 1024 * 1024
LARGE_BYTES = 20 * 1024 * 1024
TERMS: dict[str, dict[str, Any]] = {"by-ranges": {}, "skipping": {"ranges": False}, "comparing": {"validators": "none"}}
SWEEPS: list[tuple[str, int, Sequence[pytest.MarkDecorator]]] = [
    ("few-steps", 5 * STEP_BYTES, []),
    ("many-steps", SMALL_BYTES, [pytest.mark.long]),
]
"""How far a sweep goes: a file of few pieces is swept in a second, one of many by `make test-long`."""
CHUNKED = {"few-steps": pytest.mark.check, "many-steps": pytest.mark.nightly}
"""A body in chunks breaks off at the same places."""
Environment = pytest.MonkeyPatch


def cuts(size_bytes: int) -> list[int]:
    """Every boundary, and four times as many places that are the same in every run."""
    boundaries, places = range(0, size_bytes, STEP_BYTES), random.Random(size_bytes)  # noqa: S311 - places, not secrets
    return [*boundaries, *sorted(places.sample(range(size_bytes), 4 * len(boundaries)))]


def ranges_asked(vendor: VendorStandIn) -> list[str | None]:
    """The Range of every download so far."""
    return [{name.lower(): value for name, value in call.headers}.get("range") for call in vendor.calls("download")]


def check_landed(store: Store, archived: dict[str, Any], *versions: bytes) -> bytes:
    """One of the versions is in the archive, with nothing beside it but its manifest, which describes it."""
    content = b"".join(store.chunks(archived["key"]))
    assert content in versions
    assert sorted(landed(store)) == sorted([archived["key"], archived["manifest_key"]])
    manifest = json.loads(store.read(archived["manifest_key"]) or b"")
    assert manifest["sha256"] == hashlib.sha256(content).hexdigest()
    assert manifest["size_bytes"] == len(content)
    return content


def uploads_left(store: Store) -> list[Any]:
    """Multipart uploads that were neither completed nor aborted."""
    storage = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"], region_name="us-east-1")
    try:
        return storage.list_multipart_uploads(Bucket=urlsplit(store.url).netloc).get("Uploads", [])
    finally:
        storage.close()


@pytest.fixture
def vendor(request: pytest.FixtureRequest, clock: SettableClock) -> Iterator[VendorStandIn]:
    terms = {"report_padding_bytes": SMALL_BYTES} | getattr(request, "param", {})
    with VendorStandIn(contents=CANARIED, task_seconds=0, clock=clock, **terms) as vendor:
        yield vendor


@pytest.fixture
def looked(vendor: VendorStandIn, clock: SettableClock, start: Call, poll: Call) -> dict[str, Any]:
    """A finished export whose file is old enough for its date to tell its version."""
    finished = poll(**start(**RECORDS))
    clock.advance(seconds=5)
    return finished


@dataclass(frozen=True)
class Sweep:
    """One vendor's file, fetched into one new folder after the other."""

    vendor: VendorStandIn
    looked: dict[str, Any]
    fetch: Call
    environment: Environment
    folder: Path

    @property
    def file(self) -> bytes:
        return self.vendor.report(self.looked["task_id"])

    def run(self, case: str, *faults: Fault) -> bool:
        """Whether it landed at once; if not, nothing is there, and the next try lands."""
        store, before = self._empty_store(case), self.file
        self.vendor.script("download", *faults)
        try:
            archived = self.fetch(**self.looked)["archived"]
        except BadFile:
            assert landed(store) == [], case
            assert self.vendor.pending_faults == {}, case
            check_landed(store, self.fetch(**self.looked)["archived"], self.file)
            return False
        check_landed(store, archived, before, self.file)
        return True

    def _empty_store(self, case: str) -> Store:
        url = (self.folder / case).as_uri()
        self.environment.setenv("ARCHIVE_URL", url)
        return open_store(url)


@pytest.fixture
def sweep(
    vendor: VendorStandIn, looked: dict[str, Any], fetch: Call, environment: Environment, tmp_path: Path
) -> Sweep:
    return Sweep(vendor, looked, fetch, environment, tmp_path)


@pytest.mark.no_cover
@pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
@pytest.mark.parametrize(
    ("vendor", "framing"),
    [
        pytest.param(
            terms | {"report_padding_bytes": padding_bytes},
            framing,
            id=f"{name}-{steps}-{framing}",
            marks=CHUNKED[steps] if framing == "chunked" else marks,
        )
        for name, terms in TERMS.items()
        for steps, padding_bytes, marks in SWEEPS
        for framing in ("length", "chunked")
    ],
    indirect=["vendor"],
)
class TestEveryPlace:
    def test_a_break_that_shows_is_hidden(self, framing: str, sweep: Sweep) -> None:
        size_bytes = len(sweep.file)
        for cut in [*cuts(size_bytes), size_bytes]:
            assert sweep.run(f"{cut}", Truncate(cut, chunked=framing == "chunked")), cut

    def test_two_versions_are_never_joined(self, framing: str, sweep: Sweep) -> None:
        changes = itertools.cycle([Replace(0), Replace(7), Replace(0), Replace(-7)])
        for cut, change in zip(cuts(len(sweep.file)), changes, strict=False):
            sweep.run(f"{cut} {change}", Truncate(cut, chunked=framing == "chunked"), change)


@pytest.mark.no_cover
@pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
@pytest.mark.parametrize(
    "vendor",
    [
        pytest.param({"report_padding_bytes": padding_bytes}, id=name, marks=marks)
        for name, padding_bytes, marks in SWEEPS
    ],
    indirect=True,
)
def test_a_break_that_looks_like_the_end_leaves_nothing_wherever_it_is(sweep: Sweep) -> None:
    for cut in cuts(len(sweep.file)):
        assert not sweep.run(f"{cut}", Truncate(cut, declared=False)), cut


@pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
class TestGoingOn:
    @pytest.mark.parametrize(
        ("vendor", "asked"),
        [
            ({"validators": "strong-etag"}, [None, "bytes=300000-", "bytes=400000-"]),
            ({"validators": "last-modified"}, [None, "bytes=300000-", "bytes=400000-"]),
            ({"validators": "weak-etag"}, [None, None, None]),
            ({"validators": "none"}, [None, None, None]),
        ],
        indirect=["vendor"],
        ids=["strong-etag", "last-modified", "weak-etag", "none"],
    )
    def test_only_the_rest_is_asked_for_where_the_version_can_be_told(
        self, asked: list[str | None], vendor: VendorStandIn, looked: dict[str, Any], fetch: Call, store: Store
    ) -> None:
        vendor.script("download", Truncate(300_000), Truncate(100_000 if asked[1] else 400_000, chunked=True))
        check_landed(store, fetch(**looked)["archived"], vendor.report(looked["task_id"]))
        assert ranges_asked(vendor) == asked

    def test_a_date_that_two_versions_may_share_is_not_trusted(
        self, clock: SettableClock, start: Call, poll: Call, fetch: Call, environment: Environment
    ) -> None:
        terms: dict[str, Any] = {"validators": "last-modified", "report_padding_bytes": SMALL_BYTES}
        with VendorStandIn(contents=CANARIED, task_seconds=0, clock=clock, **terms) as fresh:
            environment.setenv("WORKSPACE_ENDPOINT", fresh.url)
            finished = poll(**start(**RECORDS))
            fresh.replace_report(finished["task_id"])
            fresh.script("download", Truncate(300_000), Replace())
            with pytest.raises(BadFile, match="its first bytes differ"):
                fetch(**finished)
            assert ranges_asked(fresh) == [None, None]

    @pytest.mark.parametrize("vendor", [{}, {"ranges": False}], indirect=True, ids=["ranges", "no-ranges"])
    def test_a_reset_is_hidden_too(
        self, vendor: VendorStandIn, looked: dict[str, Any], fetch: Call, store: Store
    ) -> None:
        vendor.script("download", Truncate(500_000, reset=True))
        check_landed(store, fetch(**looked)["archived"], vendor.report(looked["task_id"]))
        assert len(vendor.calls("download")) == 2

    def test_the_log_says_where_it_goes_on_and_no_address(
        self, vendor: VendorStandIn, looked: dict[str, Any], fetch: Call, log: io.StringIO
    ) -> None:
        vendor.script("download", Truncate(300_000), Truncate(100_000))
        fetch(**looked)
        lines = [json.loads(line) for line in log.getvalue().splitlines()]
        told = [line for line in lines if line["message"] == "download resumed"]
        assert [line["at_bytes"] for line in told] == [300_000, 400_000]
        assert {line["of_bytes"] for line in told} == {len(vendor.report(looked["task_id"]))}
        assert {line["task_id"] for line in told} == {looked["task_id"]}
        assert vendor.url not in log.getvalue()

    @pytest.mark.parametrize(
        ("fault", "error_class", "says"),
        [
            (Misstate({"Content-Range": "bytes 299999-1049999/1050000"}), BadFile, "another part"),
            (Misstate({"Content-Range": "bytes 300000-1049999/1050000"}), BadFile, "bytes and has 1050000"),
            (Misstate({"Content-Range": None}), BadFile, "another part"),
            (Misstate({"ETag": '"other"'}), BadFile, "its ETag differs"),
            (Misstate({"Content-Encoding": "gzip"}), BadFile, "encoded as 'gzip'"),
            (Truncate(0), BadFile, "cut short: 300000 of"),
            (DROP_BEFORE_WORK, VendorUnavailable, "no answer"),
            (server_error(503), VendorUnavailable, "WKS.00211401"),
            (throttled("30"), Throttled, r"APIGW\.0308"),
            (error(401, "APIGW.0301", "no"), Unauthorized, r"APIGW\.0301"),
            (error(404, "WKS.00081103", "not found"), TaskLost, "not found"),
            (error(404, "WKS.00081104", "has expired"), FileExpired, "has expired"),
            (error(400, "WKS.1", "no"), Rejected, r"WKS\.1"),
            (answer(416), BadFile, "it ends before the part that has arrived"),
            (answer(200, b"<html>"), BadFile, "A web page or XML came"),
            (answer(204), BadFile, "answered 204 where"),
        ],
    )
    def test_what_the_second_answer_may_be_instead_leaves_nothing(
        self,
        fault: Fault,
        error_class: type[ExportError],
        says: str,
        vendor: VendorStandIn,
        looked: dict[str, Any],
        fetch: Call,
        store: Store,
    ) -> None:
        vendor.script("download", Truncate(300_000), fault)
        with pytest.raises(error_class, match=says) as caught:
            fetch(**looked)
        assert caught.value.vendor_request_id in {call.request_id for call in vendor.calls("download")}
        assert landed(store) == []
        assert not vendor.pending_faults

    def test_a_throttled_download_keeps_the_vendors_wish(
        self, vendor: VendorStandIn, looked: dict[str, Any], fetch: Call
    ) -> None:
        vendor.script("download", Truncate(300_000), throttled("30"))
        with pytest.raises(Throttled) as caught:
            fetch(**looked)
        assert caught.value.retry_after_seconds == 30

    def test_a_silence_at_the_end_of_the_time_is_told_while_there_is_some_left(
        self, vendor: VendorStandIn, looked: dict[str, Any], environment: Environment, store: Store
    ) -> None:
        hurried = lambda_context(8.4)
        vendor.script("download", Truncate(300_000, silent_seconds=30))
        with pytest.raises(VendorUnavailable, match=r"time for the download is over: 300000 of \d+ bytes came"):
            fetch_file.handler(looked, hurried)
        assert landed(store) == []
        assert len(vendor.calls("download")) == 1


@pytest.mark.check
@pytest.mark.parametrize("archive_url", ["s3"], indirect=True)
class TestWhileAnUploadWaits:
    """Parts of the file are in the bucket already when the connection breaks."""

    @pytest.mark.parametrize(
        ("vendor", "kept_mib"),
        [
            ({"report_padding_bytes": LARGE_BYTES}, (3, 6, 2, 8)),
            ({"report_padding_bytes": LARGE_BYTES, "ranges": False}, (3, 9, 11, 19)),
            ({"report_padding_bytes": LARGE_BYTES, "validators": "none"}, (3, 9, 11, 19)),
        ],
        ids=["by-ranges", "skipping", "comparing"],
        indirect=["vendor"],
    )
    def test_the_upload_goes_on_with_the_download(
        self, kept_mib: tuple[int, ...], vendor: VendorStandIn, looked: dict[str, Any], fetch: Call, store: Store
    ) -> None:
        vendor.script("download", *[Truncate(mib * 1024 * 1024, chunked=mib > 9) for mib in kept_mib])
        check_landed(store, fetch(**looked)["archived"], vendor.report(looked["task_id"]))
        assert not vendor.pending_faults

    @pytest.mark.parametrize("vendor", [{"report_padding_bytes": LARGE_BYTES}], ids=["large"], indirect=True)
    @pytest.mark.parametrize("fault", [Replace(0), Replace(7), server_error(503)], ids=["other", "longer", "503"])
    def test_the_upload_is_taken_back_with_the_download(
        self, fault: Fault, vendor: VendorStandIn, looked: dict[str, Any], fetch: Call, store: Store
    ) -> None:
        vendor.script("download", Truncate(18 * 1024 * 1024), fault)
        with pytest.raises((BadFile, VendorUnavailable)):
            fetch(**looked)
        assert landed(store) == []
        assert uploads_left(store) == []
        check_landed(store, fetch(**looked)["archived"], vendor.report(looked["task_id"]))
