"""How the archive's storage is reached: what protects the payload, what bounds memory and time."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, cast

import pytest
from obstore.exceptions import BaseError, GenericError, PermissionDeniedError, UnauthenticatedError
from obstore.store import MemoryStore, ObjectStore, S3Store

from workspace_exports.core.errors import ArchiveUnavailable, Misconfigured
from workspace_exports.storage.options import DEFAULT_OPTIONS, StoreOptions, Tags, parse_tags
from workspace_exports.storage.role_credentials import RoleCredentials
from workspace_exports.storage.s3 import open_s3
from workspace_exports.storage.storage_errors import unavailable
from workspace_exports.storage.store import Store, open_store

FUNCTION_MEMORY_BYTES = 512 * 1024 * 1024
FUNCTION_SECONDS = 900
S3_SMALLEST_PART_BYTES = 5 * 1024 * 1024
S3_MOST_PARTS = 10_000
LARGEST_FILE_BYTES = 50 * 1024**3
AWS = {"AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
KEY_ARN = "arn:aws:kms:eu-central-1:123456789012:key/abc"


class TestS3:
    def test_on_aws_tls_protects_the_payload_and_nothing_else_is_taken(self) -> None:
        store = s3()
        assert store.config["unsigned_payload"] == "true"
        assert store.client_options["allow_http"] == "false"

    @pytest.mark.parametrize("variable", ["AWS_ENDPOINT", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"])
    @pytest.mark.parametrize(
        ("endpoint", "allow_http", "unsigned"),
        [
            ("http://127.0.0.1:9000", "true", None),
            ("https://s3.example", "false", "true"),
        ],
    )
    def test_plain_http_is_for_this_machine_only_and_the_payload_is_signed_there(
        self, variable: str, endpoint: str, allow_http: str, unsigned: str | None
    ) -> None:
        store = s3({variable: endpoint})
        assert store.client_options["allow_http"] == allow_http
        assert store.config.get("unsigned_payload") == unsigned

    def test_the_variable_for_s3_alone_has_the_last_word(self) -> None:
        store = s3({"AWS_ENDPOINT_URL": "http://127.0.0.1:9000", "AWS_ENDPOINT_URL_S3": "https://s3.example"})
        assert store.client_options["allow_http"] == "false"

    def test_storage_that_stalls_ends_while_the_function_still_can_say_so(self) -> None:
        store = s3()
        request = int(str(store.client_options["timeout"]).removesuffix("s"))
        assert 30 <= request <= 300
        assert store.client_options["connect_timeout"] == "5s"
        assert 1 <= store.retry_config["max_retries"] <= 5
        assert 2 * (store.retry_config["retry_timeout"].total_seconds() + request) < FUNCTION_SECONDS

    def test_the_checksum_is_the_default_and_encryption_the_buckets_own(self) -> None:
        config = s3().config
        assert config["checksum_algorithm"] == "CRC64NVME"
        assert not {name for name in config if "sse" in name or "encryption" in name}

    def test_a_storage_that_does_not_know_the_checksum_is_sent_none(self) -> None:
        assert "checksum_algorithm" not in s3(options=StoreOptions(checksum="none")).config

    def test_a_kms_key_goes_with_a_bucket_key(self) -> None:
        config = s3(options=StoreOptions(kms_key_arn=KEY_ARN)).config
        assert (config["server_side_encryption"], config["sse_kms_key_id"]) == ("aws:kms", KEY_ARN)
        assert config["sse_bucket_key_enabled"] == "true"

    @pytest.mark.parametrize("name", ["AWS_REGION", "AWS_DEFAULT_REGION"])
    def test_the_region_is_the_environments(self, name: str) -> None:
        assert s3({"AWS_REGION": "", name: "eu-west-3"}).config["region"] == "eu-west-3"

    def test_a_forgotten_region_is_not_taken_for_us_east_1(self) -> None:
        with pytest.raises(Misconfigured, match="AWS_REGION is missing") as caught:
            s3({"AWS_REGION": ""})
        assert "Set AWS_REGION" in str(caught.value)

    @pytest.mark.parametrize("name", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
    def test_without_credentials_nothing_is_tried(self, name: str) -> None:
        with pytest.raises(Misconfigured, match="No credentials for the archive: neither AWS_ACCESS_KEY_ID") as caught:
            s3({name: ""})
        assert "on Lambda, give the function a role" in str(caught.value)

    def test_a_key_is_not_asked_for_in_the_clear(self) -> None:
        handed_out = {"AWS_ACCESS_KEY_ID": "", "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://example.com"}
        with pytest.raises(Misconfigured, match="FULL_URI: must be an https URL"):
            s3(handed_out)

    @pytest.mark.parametrize("name", ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_WEB_IDENTITY_TOKEN_FILE"])
    def test_in_a_container_that_is_no_lambda_obstore_finds_the_credentials(self, name: str) -> None:
        others = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_ROLE_ARN": "arn"}
        assert s3(others | {name: "/somewhere"}).credential_provider is None


class TestOptions:
    @pytest.mark.parametrize("options", [StoreOptions(kms_key_arn=KEY_ARN), StoreOptions(tags=(("team", "audit"),))])
    @pytest.mark.parametrize("url", ["file:///no-such-folder/archive", "memory:///options"])
    def test_what_only_s3_can_do_is_not_dropped_in_silence(self, url: str, options: StoreOptions) -> None:
        with pytest.raises(Misconfigured, match="ARCHIVE_KMS_KEY_ARN and ARCHIVE_TAGS need an s3:// archive"):
            open_store(url, options)

    @pytest.mark.parametrize(
        ("text", "tags"),
        [
            ("team=audit&retention=7y", (("team", "audit"), ("retention", "7y"))),
            ("team=", (("team", ""),)),
            ("a+b=%2B1%20%3D", (("a b", "+1 ="),)),
            ("größe=ñ", (("größe", "ñ"),)),
            ("a=b=c", (("a", "b=c"),)),
            pytest.param(f"{'n' * 128}={'v' * 256}", (("n" * 128, "v" * 256),), id="longest"),
            ("&".join(f"n{n}=v" for n in range(10)), tuple((f"n{n}", "v") for n in range(10))),
        ],
    )
    def test_tags_are_written_as_a_query_string(self, text: str, tags: Tags) -> None:
        assert parse_tags(text) == tags

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("team", "must be written as"),
            ("=audit", "must be written as"),
            ("a=b&", "must be written as"),
            pytest.param(f"{'n' * 129}=v", "names of 1 to 128", id="long name"),
            pytest.param(f"n={'v' * 257}", "at most 256 characters", id="long value"),
            ("team=a*b", "may hold letters"),
            ("team=a%0Ab", "may hold letters"),
            ("team=\ue000", "may hold letters"),
            ("AWS:team=a", "AWS's own"),
            ("a=1&a=2", "the same name"),
            pytest.param("&".join(f"n{n}=v" for n in range(11)), "at most 10 tags", id="eleven"),
        ],
    )
    def test_tags_that_aws_would_refuse_are_refused_before_anything_happens(self, text: str, says: str) -> None:
        with pytest.raises(ValueError, match=says):
            parse_tags(text)


class Away:
    """Storage that refuses whatever is asked of it."""

    def __init__(self, error: Exception, credential_provider: object = None) -> None:
        self.error = error
        self.credential_provider = credential_provider

    def __getattr__(self, name: str) -> Any:
        def refuse(*_: object, **__: object) -> None:
            raise self.error

        return refuse


class Noting:
    """Storage that keeps nothing but what it was asked with."""

    def __init__(self) -> None:
        self.options: list[dict[str, Any]] = []

    def put(self, *_: object, **options: Any) -> None:
        self.options.append(options)


class TestAway:
    @pytest.mark.parametrize("error", [OSError(5, "away"), UnauthenticatedError("no")], ids=["away", "not-let-in"])
    @pytest.mark.parametrize(
        ("verb", "ask"),
        [
            ("write", lambda store: store.write("a/b", [b"x"])),
            ("write", lambda store: store.replace("a/b", b"x")),
            ("create", lambda store: store.create("a/b", b"x")),
            ("read", lambda store: store.read("a/b")),
            ("read", lambda store: list(store.chunks("a/b"))),
            ("list", lambda store: list(store.objects("a/b"))),
            ("list", lambda store: list(store.keys("a/b"))),
            ("list", lambda store: store.folders("a/b")),
            ("delete", lambda store: store.delete("a/b")),
        ],
        ids=["write", "replace", "create", "read", "chunks", "objects", "keys", "folders", "delete"],
    )
    def test_the_error_says_what_could_not_be_done_to_what(
        self, error: Exception, verb: str, ask: Callable[[Store], object]
    ) -> None:
        with pytest.raises(ArchiveUnavailable, match=f"Could not {verb} 'a/b' in the archive"):
            ask(Store("memory:///", cast("ObjectStore", Away(error))))

    def test_without_a_key_of_the_role_it_says_why_and_what_to_do(self) -> None:
        role = RoleCredentials({})
        role.failure = Misconfigured("the role is gone", advice="Bring it back.")
        store = Store("s3://b", cast("ObjectStore", Away(UnauthenticatedError("no"), role)))
        with pytest.raises(ArchiveUnavailable, match="Could not read 'a' in the archive: the role is gone") as caught:
            store.read("a")
        assert "Bring it back." in str(caught.value)


class TestWriting:
    def test_every_object_has_the_tags(self) -> None:
        objects = Noting()
        store = Store("s3://b", cast("ObjectStore", objects), (("team", "audit"),))
        store.write("a", [b"x"])
        store.replace("a", b"x")
        store.create("a", b"x")
        assert [options["tags"] for options in objects.options] == [{"team": "audit"}] * 3

    def test_a_url_has_one_slash_before_a_key(self) -> None:
        for url in ("s3://b/p", "s3://b/p/", "s3://b/p//"):
            assert Store(url, cast("ObjectStore", Noting())).url_of("a/b") == "s3://b/p/a/b"

    def test_what_is_open_has_the_prefix_and_the_tags(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in AWS.items():
            monkeypatch.setenv(name, value)
        store = open_store("s3://archive/a/b/", StoreOptions(tags=(("team", "audit"),)))
        assert cast("S3Store", store._objects).prefix == "a/b"
        assert store._tags == {"team": "audit"}

    def test_a_folder_without_objects_goes_with_the_last_one(self, tmp_path: Path) -> None:
        store = open_store(tmp_path.as_uri())
        store.replace("a/b/c", b"x")
        store.delete("a/b/c")
        assert list(tmp_path.iterdir()) == []

    def test_what_is_in_memory_is_on_no_disk(self) -> None:
        assert isinstance(open_store("memory:///test")._objects, MemoryStore)


class TestMemory:
    def test_the_same_url_is_the_same_archive(self) -> None:
        open_store("memory:///one").write("data/x", [b"con", b"tent"])
        open_store.cache_clear()
        assert open_store("memory:///one", DEFAULT_OPTIONS).read("data/x") == b"content"
        assert open_store("memory:///two").read("data/x") is None
        assert not open_store("memory:///one").create("data/x", b"another")

    @pytest.mark.parametrize("url", ["memory://host/name", "memory:name"])
    def test_it_is_named_by_a_path(self, url: str) -> None:
        with pytest.raises(Misconfigured, match="ARCHIVE_URL is neither"):
            open_store(url)


class TestRefusals:
    """The texts are obstore's, as it gave them."""

    @pytest.mark.parametrize(
        ("verb", "error", "reason", "advice"),
        [
            (
                "write",
                PermissionDeniedError("403 Forbidden: <Error><Code>AccessDenied</Code><Message>AKIA</Message>"),
                "PermissionDeniedError: AccessDenied",
                "Allow s3:PutObject on the archive's objects; where a KMS key",
            ),
            ("create", PermissionDeniedError("x"), "PermissionDeniedError", "s3:PutObject"),
            ("read", PermissionDeniedError("x"), "PermissionDeniedError", "Allow s3:GetObject"),
            ("list", GenericError("<Code>AccessDenied</Code>"), "GenericError: AccessDenied", "Allow s3:ListBucket"),
            ("delete", PermissionDeniedError("x"), "PermissionDeniedError", "Allow s3:DeleteObject"),
            (
                "write",
                GenericError("<Code>KMS.DisabledException</Code>"),
                "GenericError: KMS.DisabledException",
                "Check the KMS key",
            ),
            ("write", GenericError("<Code>NotImplemented</Code>"), "GenericError: NotImplemented", "ARCHIVE_CHECKSUM"),
            (
                "list",
                GenericError("Server returned non-2xx status code: 502 Bad Gateway: <html>"),
                "GenericError: HTTP 502",
                "Try again: the storage is busy",
            ),
            (
                "list",
                GenericError("Server returned non-2xx status code: 429 Too Many Requests: "),
                "GenericError: HTTP 429",
                "Try again: the storage is busy",
            ),
            ("list", UnauthenticatedError("no words"), "UnauthenticatedError", "Check AWS_ACCESS_KEY_ID"),
            (
                "write",
                GenericError("Unable to copy data to file: No space left on device (os error 28)"),
                "GenericError: No space left on device",
                "Make room on the folder's disk",
            ),
            (
                "write",
                GenericError("Unable to open file /a/b#1: Read-only file system (os error 30)"),
                "GenericError: Read-only file system",
                "Let this user write to the folder",
            ),
            (
                "write",
                GenericError("inner: Http(\n HttpError {\n  kind: Timeout,\n"),
                "GenericError: no answer in time",
                "Try again: the storage is busy",
            ),
            (
                "write",
                GenericError("inner: Http(\n HttpError {\n  kind: Interrupted,\n"),
                "GenericError: the connection broke off",
                "Try again: the storage is busy",
            ),
            (
                "write",
                GenericError("inner: Http(\n HttpError {\n  kind: Connect,\n"),
                "GenericError: no connection",
                "Check the network, and AWS_ENDPOINT_URL",
            ),
            (
                "list",
                GenericError("Server returned non-2xx status code: 418 I'm a teapot: short and stout"),
                "GenericError: HTTP 418",
                ArchiveUnavailable.advice,
            ),
            ("list", GenericError("no words"), "GenericError", ArchiveUnavailable.advice),
            *(
                (
                    "create",
                    GenericError(f"<Code>{code}</Code>"),
                    f"GenericError: {code}",
                    "Try again: the storage is busy",
                )
                for code in ("SlowDown", "InternalError", "ServiceUnavailable", "RequestTimeout")
            ),
            (
                "write",
                PermissionDeniedError("<Code>RequestExpired</Code>"),
                "PermissionDeniedError: RequestExpired",
                "Renew the key",
            ),
            (
                "write",
                GenericError("Unable to copy data to file: File too large (os error 27)"),
                "GenericError: File too large",
                "Let files in the folder be larger",
            ),
        ],
        ids=[
            "may not write",
            "may not create",
            "may not read",
            "may not list",
            "may not delete",
            "KMS key disabled",
            "header not known",
            "no code",
            "too many requests",
            "no words",
            "disk full",
            "read-only",
            "timeout",
            "broken off",
            "no connection",
            "another status",
            "nothing said",
            "SlowDown",
            "InternalError",
            "ServiceUnavailable",
            "RequestTimeout",
            "key has expired",
            "file too large",
        ],
    )
    def test_a_refusal_says_why_and_what_to_do(self, verb: str, error: BaseError, reason: str, advice: str) -> None:
        refusal = unavailable(verb, "data/x", error)
        assert refusal.what == f"Could not {verb} 'data/x' in the archive ({reason})"
        assert advice in refusal.next_step
        assert "AKIA" not in str(refusal)


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

    def put(
        self, key: str, content: Iterable[bytes], *, tags: dict[str, str] | None, chunk_size: int, max_concurrency: int
    ) -> None:
        assert tags is None
        self.puts.append((key, b"".join(content), chunk_size, max_concurrency))


def s3(changes: dict[str, str] | None = None, options: StoreOptions = DEFAULT_OPTIONS) -> Any:
    """The store with its configuration, which obstore's types do not promise to be complete."""
    return open_s3("bucket", "prefix", options, AWS | (changes or {}))
