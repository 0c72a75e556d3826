"""How the archive's storage is reached: what protects the payload, what bounds memory and time."""

from collections.abc import Iterable
from typing import Any, cast

import pytest
from obstore.store import ObjectStore, S3Store

from workspace_exports.archive.store import Store, _s3

FUNCTION_MEMORY_BYTES = 512 * 1024 * 1024
S3_SMALLEST_PART_BYTES = 5 * 1024 * 1024
S3_MOST_PARTS = 10_000
LARGEST_FILE_BYTES = 50 * 1024**3


def test_on_aws_tls_protects_the_payload_and_nothing_else_is_taken() -> None:
    store = s3()
    assert store.config["unsigned_payload"] == "true"
    assert store.client_options["allow_http"] == "false"


@pytest.mark.parametrize("variable", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"])
@pytest.mark.parametrize(
    ("endpoint", "allow_http", "unsigned"),
    [
        ("http://127.0.0.1:9000", "true", "false"),
        ("https://s3.example", "false", "true"),
        ("http://s3.example", "false", "true"),
    ],
)
def test_plain_http_is_for_this_machine_only_and_the_payload_is_signed_there(
    variable: str, endpoint: str, allow_http: str, unsigned: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, endpoint)
    store = s3()
    assert store.client_options["allow_http"] == allow_http
    assert store.config["unsigned_payload"] == unsigned


def test_the_variable_for_s3_alone_has_the_last_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9000")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "https://s3.example")
    assert s3().client_options["allow_http"] == "false"


def test_a_part_that_stalls_ends_while_the_function_still_can_say_so() -> None:
    seconds = int(str(s3().client_options["timeout"]).removesuffix("s"))
    assert 30 <= seconds <= 300


def test_a_file_of_any_size_goes_in_parts_through_a_bounded_piece_of_memory() -> None:
    recorder = Recorder()
    Store("s3://bucket", cast("ObjectStore", recorder)).write("data/x", [b"one", b"two"])
    ((key, content, part_bytes, in_flight),) = recorder.puts
    assert (key, content) == ("data/x", b"onetwo")
    assert part_bytes >= S3_SMALLEST_PART_BYTES
    assert part_bytes * S3_MOST_PARTS >= LARGEST_FILE_BYTES
    assert in_flight > 1
    assert part_bytes * (in_flight + 1) <= FUNCTION_MEMORY_BYTES // 8


class Recorder:
    """Stands where obstore's store does and notes how objects are put."""

    def __init__(self) -> None:
        self.puts: list[tuple[str, bytes, int, int]] = []

    def put(self, key: str, content: Iterable[bytes], *, chunk_size: int, max_concurrency: int) -> None:
        self.puts.append((key, b"".join(content), chunk_size, max_concurrency))


def s3() -> Any:
    """The store with its configuration, which obstore's types do not promise to be complete."""
    store: S3Store = _s3("bucket", "prefix")
    return store
