"""The storage that misbehaves: another one to its callers, but for what it was told to make them suffer."""

import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from local.bench import rclone
from local.engine.polling import poll
from local.faults.connections import DROP_BEFORE_WORK, LOSE_ANSWER, NORMALLY, Hang
from tests.support.servers.faulty_storage.faults import (
    FAULTS,
    PASSING,
    REPEATED,
    Answer,
    CutOff,
    CutShort,
    Garble,
    Stale,
    faults_for,
)
from tests.support.servers.faulty_storage.operations import OPERATIONS, operation_of
from tests.support.servers.faulty_storage.server import MisbehavingStorage
from workspace_exports.core.errors import ArchiveUnavailable
from workspace_exports.storage.store import Store, open_store

pytestmark = pytest.mark.check

MIB = 1024 * 1024
CREATE = {"If-None-Match": "*"}


@pytest.fixture
def client(s3: MisbehavingStorage, bucket: str) -> Iterator[httpx.Client]:
    """Sees what is answered, unhelped by any SDK."""
    signature = "AWS4-HMAC-SHA256 Credential=testing/20261122/us-east-1/s3/aws4_request, SignedHeaders=host, Signature="
    with httpx.Client(base_url=f"{s3.url}/{bucket}/", headers={"Authorization": f"{signature}0"}) as client:
        yield client


def held(s3_endpoint: str, client: httpx.Client, key: str) -> bytes | None:
    """What the storage behind has."""
    answer = httpx.get(f"{s3_endpoint}{client.base_url.path}{key}", headers=client.headers)
    return answer.content if answer.is_success else None


class TestOperations:
    @pytest.mark.parametrize(
        ("request_", "operation"),
        [
            ("PUT /b/k", "put"),
            ("PUT /b/k?x-id=PutObject", "put"),
            ("PUT /b/k if-none-match", "create"),
            ("PUT /b/k x-amz-copy-source", "other"),
            ("PUT /b/k?tagging", "other"),
            ("GET /b/k", "get"),
            ("GET /b/k?X-Amz-Signature=0&X-Amz-Date=1", "get"),
            ("GET /b?list-type=2&prefix=x", "list"),
            ("GET /b?prefix=", "list"),
            ("GET /b?location", "other"),
            ("GET /b?uploads", "list-multipart"),
            ("GET /b/k?uploadId=1", "list-multipart"),
            ("HEAD /b/k", "head"),
            ("DELETE /b/k", "delete"),
            ("POST /b?delete", "other"),
            ("POST /b/k?uploads", "create-multipart"),
            ("PUT /b/k?partNumber=1&uploadId=1", "upload-part"),
            ("POST /b/k?uploadId=1", "complete-multipart"),
            ("DELETE /b/k?uploadId=1", "abort-multipart"),
            ("HEAD /b/k?uploadId=1", "other"),
            ("PATCH /b/k", "other"),
        ],
    )
    def test_are_told_by_verb_query_and_headers(self, request_: str, operation: str) -> None:
        method, target, *headers = request_.split(" ")
        assert operation_of(method, target.partition("?")[2], dict.fromkeys(headers, "*")) == operation
        assert operation in OPERATIONS

    def test_a_large_object_is_made_of_them(self, bucket: str, s3: MisbehavingStorage) -> None:
        open_store(f"s3://{bucket}/p").write("data/x", [bytes(MIB)] * 9)
        passed = [(call.operation, call.status) for call in s3.requests]
        assert passed == [("create-multipart", 200), *[("upload-part", 200)] * 2, ("complete-multipart", 200)]
        s3.forget()
        assert s3.requests == s3.calls("put") == ()


class TestScript:
    def test_each_fault_is_met_once_by_its_own_operation(self, client: httpx.Client, s3: MisbehavingStorage) -> None:
        s3.script("put", NORMALLY, FAULTS["SlowDown"])
        assert client.get("k").status_code == 404
        assert s3.pending_faults == {"put": 2}
        assert [client.put("k", content=b"x").status_code for _ in range(3)] == [200, 503, 200]
        assert [call.status for call in s3.calls("put")] == [200, 503, 200]
        assert s3.pending_faults == {}

    @pytest.mark.parametrize("fault", [Stale(), CutShort(1), CutOff(1), Garble()])
    def test_what_an_operation_could_never_show_is_refused(self, fault: Stale, s3: MisbehavingStorage) -> None:
        with pytest.raises(ValueError, match=type(fault).__name__):
            s3.script("put", fault)

    def test_an_unknown_operation_is_refused(self, s3: MisbehavingStorage) -> None:
        with pytest.raises(ValueError, match="no operation is called 'upload'"):
            s3.script("upload", NORMALLY)
        with pytest.raises(ValueError, match="no operation is called 'upload'"):
            s3.calls("upload")
        with pytest.raises(ValueError, match="no operation is called 'upload'"):
            faults_for("upload")

    @pytest.mark.parametrize("operation", OPERATIONS)
    def test_the_catalogue_fits_and_what_passes_is_part_of_it(self, operation: str, s3: MisbehavingStorage) -> None:
        s3.script(operation, *faults_for(operation).values())
        passing = faults_for(operation, PASSING)
        assert passing.items() <= faults_for(operation).items()
        assert not [name for name, fault in passing.items() if isinstance(fault, Hang)]

    def test_every_fault_of_the_catalogue_can_be_met(self) -> None:
        assert {name for operation in OPERATIONS for name in faults_for(operation)} == FAULTS.keys()
        assert FAULTS.keys() >= {*PASSING, *REPEATED}

    def test_the_dice_fall_the_same_way_twice(self, bucket: str, s3_endpoint: str) -> None:
        def thrown(seed: int) -> tuple[list[int | None], dict[str, int]]:
            with MisbehavingStorage(s3_endpoint, fault_rate=0.5, fault_seed=seed) as s3:
                for _ in range(40):
                    try:
                        httpx.get(f"{s3.url}/{bucket}/k")
                    except httpx.TransportError:
                        continue
                return [call.status for call in s3.requests], dict(s3.random_faults)

        statuses, faults = thrown(1)
        assert (statuses, faults) == thrown(1)
        assert statuses != thrown(2)[0]
        assert faults.keys() <= faults_for("get", PASSING).keys()
        assert 10 < sum(faults.values()) < 30


class TestFaults:
    def test_an_answer_stands_for_the_work(
        self, client: httpx.Client, s3: MisbehavingStorage, s3_endpoint: str
    ) -> None:
        s3.script("put", FAULTS["SlowDown"], FAULTS["captive page"])
        refused = client.put("k", content=b"x")
        assert (refused.status_code, refused.headers["content-type"]) == (503, "application/xml")
        assert b"<Code>SlowDown</Code>" in refused.content
        page = client.put("k", content=b"x")
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html")
        assert held(s3_endpoint, client, "k") is None

    def test_a_head_has_no_body(self, client: httpx.Client, s3: MisbehavingStorage) -> None:
        s3.script("head", FAULTS["SlowDown"])
        assert (client.head("k").status_code, client.head("k").content) == (503, b"")

    @pytest.mark.parametrize(("fault", "kept"), [(DROP_BEFORE_WORK, None), (LOSE_ANSWER, b"x")])
    def test_a_connection_is_reset_before_the_work_or_after_it(
        self,
        fault: Answer,
        kept: bytes | None,
        client: httpx.Client,
        s3: MisbehavingStorage,
        s3_endpoint: str,
    ) -> None:
        s3.script("create", fault)
        with pytest.raises(httpx.TransportError):
            client.put("k", content=b"x", headers=CREATE)
        assert held(s3_endpoint, client, "k") == kept
        assert [call.status for call in s3.requests] == [None]
        assert client.put("k", content=b"x", headers=CREATE).status_code == (412 if kept else 200)

    def test_a_storage_is_silent_before_the_work(
        self, client: httpx.Client, s3: MisbehavingStorage, s3_endpoint: str
    ) -> None:
        s3.script("put", FAULTS["hang"])
        with pytest.raises(httpx.ReadTimeout):
            client.put("k", content=b"x", timeout=httpx.Timeout(None, read=0.3))
        assert held(s3_endpoint, client, "k") is None

    def test_a_storage_is_silent_after_the_work(
        self, client: httpx.Client, s3: MisbehavingStorage, s3_endpoint: str
    ) -> None:
        s3.script("put", FAULTS["hang after work"])
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(client.put, "k", content=b"x", timeout=None)
            with ExitStack() as stack:
                stack.callback(s3.stop)
                poll(lambda: held(s3_endpoint, client, "k"), timeout_seconds=60, waiting_for="the work")
            with pytest.raises(httpx.TransportError):
                answer.result()

    def test_a_body_breaks_off_after_its_first_bytes(self, client: httpx.Client, s3: MisbehavingStorage) -> None:
        client.put("k", content=b"0123456789")
        s3.script("get", CutOff(4), CutOff(1000))
        for expected in (b"0123", b"012345678"):
            with client.stream("GET", "k") as answer:
                assert answer.headers["content-length"] == "10"
                got: list[bytes] = []
                with pytest.raises(httpx.TransportError):
                    got.extend(answer.iter_raw())
                assert b"".join(got) == expected

    def test_a_body_has_other_bytes(self, client: httpx.Client, s3: MisbehavingStorage) -> None:
        client.put("k", content=b"0123456789")
        s3.script("get", Garble())
        got = client.get("k").content
        assert len(got) == 10
        assert not set(got) & set(b"0123456789")

    def test_a_listing_ends_early_and_says_nothing_of_it(self, client: httpx.Client, s3: MisbehavingStorage) -> None:
        s3.script("list", CutShort(100))
        assert len(client.get("?list-type=2").content) == 100
        assert client.get("?list-type=2").content.endswith(b"</ListBucketResult>")


class TestStaleListing:
    @pytest.fixture
    def store(self, bucket: str, s3: MisbehavingStorage) -> Store:
        store = open_store(f"s3://{bucket}/p")
        store.create("a/1 & 2", b"x" * 8)
        store.replace("b/2", b"x" * 8)
        store.write("c/3", [bytes(MIB)] * 9)
        return store

    @pytest.mark.parametrize(
        ("unseen", "seen"),
        [(0, {"a/1 & 2", "b/2", "c/3"}), (1, {"a/1 & 2", "b/2"}), (2, {"a/1 & 2"}), (9, set()), (None, set())],
    )
    def test_lacks_the_last_writes(
        self, unseen: int | None, seen: set[str], store: Store, s3: MisbehavingStorage
    ) -> None:
        s3.script("list", Stale(unseen))
        assert set(store.keys("")) == seen
        assert set(store.keys("")) == {"a/1 & 2", "b/2", "c/3"}

    def test_lacks_the_folders_that_only_they_are_in(self, store: Store, s3: MisbehavingStorage) -> None:
        s3.script("list", Stale(2))
        assert store.folders("") == ["a"]
        assert store.folders("") == ["a", "b", "c"]

    def test_a_later_write_over_an_object_is_the_last_one(self, store: Store, s3: MisbehavingStorage) -> None:
        store.replace("a/1 & 2", b"y" * 8)
        s3.script("list", Stale(1))
        assert set(store.keys("")) == {"b/2", "c/3"}

    def test_what_was_refused_was_not_written(self, store: Store, s3: MisbehavingStorage) -> None:
        assert not store.create("a/1 & 2", b"y" * 8)
        s3.script("list", Stale(1))
        assert set(store.keys("")) == {"a/1 & 2", "b/2"}

    def test_a_client_that_asks_for_encoded_names_gets_the_same(
        self, store: Store, s3: MisbehavingStorage, client: httpx.Client
    ) -> None:
        store.create("d/4+ä", b"x" * 8)
        s3.script("list", Stale(1))
        listing = client.get("?list-type=2&encoding-type=url").text
        assert "<KeyCount>3</KeyCount>" in listing
        assert "d/4" not in listing


class TestPassingOn:
    @pytest.fixture(autouse=True)
    def signing(self, signing_endpoint: str, s3_environment: pytest.MonkeyPatch) -> Iterator[MisbehavingStorage]:
        """rclone checks each signature, which moto does not."""
        with MisbehavingStorage(signing_endpoint) as signing:
            s3_environment.setenv("AWS_ENDPOINT_URL", signing.url)
            s3_environment.setenv("AWS_ACCESS_KEY_ID", rclone.ACCESS_KEY)
            s3_environment.setenv("AWS_SECRET_ACCESS_KEY", rclone.SECRET_KEY)
            yield signing

    def test_signatures_hold_and_a_large_body_arrives_byte_for_byte(self) -> None:
        content = random.Random(5).randbytes(20 * MIB)  # noqa: S311 - the same bytes every time
        store = open_store("s3://archive/through")
        store.write("data/kind=a/x+y z.xlsx", [content[at : at + MIB] for at in range(0, len(content), MIB)])
        assert b"".join(store.chunks("data/kind=a/x+y z.xlsx")) == content
        assert list(store.keys("data/")) == ["data/kind=a/x+y z.xlsx"]
        store.delete("data/kind=a/x+y z.xlsx")
        assert list(store.keys("data/")) == []

    def test_a_wrong_key_is_refused_as_ever(self, s3_environment: pytest.MonkeyPatch) -> None:
        s3_environment.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
        with pytest.raises(ArchiveUnavailable, match="SignatureDoesNotMatch"):
            open_store("s3://archive/wrong").read("data/x")


def test_a_body_goes_on_while_it_comes_in(s3_endpoint: str) -> None:
    arrived = threading.Event()

    class Behind(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            self.rfile.read(1)
            arrived.set()
            self.rfile.read(2 * MIB - 1)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    def body() -> Iterator[bytes]:
        yield bytes(MIB)
        assert arrived.wait(60)
        yield bytes(MIB)

    with ThreadingHTTPServer(("127.0.0.1", 0), Behind) as behind:
        threading.Thread(target=behind.serve_forever, args=(0.01,), daemon=True).start()
        with MisbehavingStorage(f"http://127.0.0.1:{behind.server_port}") as s3:
            headers = {"Content-Length": str(2 * MIB)}
            assert httpx.put(f"{s3.url}/b/k", content=body(), headers=headers).is_success
        behind.shutdown()


class TestRunning:
    def test_it_starts_once_and_stops_as_often_as_one_likes(self, s3_endpoint: str) -> None:
        s3 = MisbehavingStorage(s3_endpoint)
        with pytest.raises(RuntimeError, match="is not running"):
            _ = s3.url
        with s3, pytest.raises(RuntimeError, match="running already"):
            s3.start()
        s3.stop()

    def test_a_port_that_is_taken_is_told(self, s3: MisbehavingStorage, s3_endpoint: str) -> None:
        with pytest.raises(OSError, match="in use"):
            MisbehavingStorage(s3_endpoint, port=int(s3.url.rpartition(":")[2])).start()

    def test_a_storage_that_is_away_is_a_connection_that_breaks(self) -> None:
        with MisbehavingStorage("http://127.0.0.1:1") as s3, pytest.raises(httpx.TransportError):
            httpx.get(f"{s3.url}/bucket/k")
