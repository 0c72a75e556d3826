"""What goes over the wire to S3, what S3 makes of it, and whose key signs it."""

import random
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import boto3
import pytest

from local.bench import rclone
from local.faults.connections import LOSE_ANSWER
from tests.support.builders.examples import Incoming, observed_export, workbook
from tests.support.servers.faulty_storage.requests import Passed
from tests.support.servers.faulty_storage.server import MisbehavingStorage
from tests.support.servers.scripted_http import ScriptedServer
from workspace_exports.archive.landing import land
from workspace_exports.archive.manifests import read_manifest
from workspace_exports.core.clock import to_wire, utc_now
from workspace_exports.core.errors import ArchiveUnavailable
from workspace_exports.events import Outcome
from workspace_exports.storage.options import StoreOptions
from workspace_exports.storage.store import Store, open_store

MIB = 1024 * 1024
KEY_ARN = "arn:aws:kms:us-east-1:123456789012:key/0f0f0f0f-0000-4000-8000-000000000000"
TAGS = (("team", "audit + law"), ("retention", "7y"))
CHECKSUM = "x-amz-checksum-crc64nvme"
ENCRYPTION = "x-amz-server-side-encryption"
ENCRYPTED = {
    ENCRYPTION: "aws:kms",
    f"{ENCRYPTION}-aws-kms-key-id": KEY_ARN,
    f"{ENCRYPTION}-bucket-key-enabled": "true",
}


def small(store: Store) -> None:
    assert store.create("manifests/x.json", b"{}")


def large(store: Store) -> None:
    store.write("data/x.xlsx", [bytes(MIB)] * 9)


class TestOnTheWire:
    def test_a_small_object_is_created_by_one_put_that_may_not_replace(
        self, bucket: str, s3: MisbehavingStorage
    ) -> None:
        small(open_store(f"s3://{bucket}/p"))
        (put,) = s3.requests
        assert (put.method, put.path) == ("PUT", f"/{bucket}/p/manifests/x.json")
        assert put.headers["if-none-match"] == "*"
        assert put.headers[CHECKSUM]

    def test_a_large_object_goes_in_parts_each_with_its_checksum(self, bucket: str, s3: MisbehavingStorage) -> None:
        large(open_store(f"s3://{bucket}/p"))
        (begun,), (ended,) = s3.calls("create-multipart"), s3.calls("complete-multipart")
        assert begun.headers["x-amz-checksum-algorithm"] == "CRC64NVME"
        assert "if-none-match" not in begun.headers | ended.headers
        parts = s3.calls("upload-part")
        assert sorted(int(part.headers["content-length"]) for part in parts) == [MIB, 8 * MIB]
        assert all(part.headers[CHECKSUM] for part in parts)

    @pytest.mark.parametrize("write", [small, large])
    def test_the_payload_is_signed_where_no_tls_protects_it(
        self, write: Any, bucket: str, s3: MisbehavingStorage
    ) -> None:
        write(open_store(f"s3://{bucket}/p"))
        assert all(len(request.headers["x-amz-content-sha256"]) == 64 for request in s3.requests)

    @pytest.mark.parametrize("write", [small, large])
    def test_storage_on_this_machine_can_do_without_signed_payloads(
        self, write: Any, bucket: str, s3: MisbehavingStorage, s3_environment: pytest.MonkeyPatch
    ) -> None:
        s3_environment.setenv("AWS_UNSIGNED_PAYLOAD", "true")
        write(open_store(f"s3://{bucket}/p"))
        puts = s3.calls("create") + s3.calls("upload-part")
        assert {put.headers["x-amz-content-sha256"] for put in puts} == {"UNSIGNED-PAYLOAD"}
        assert all(put.headers[CHECKSUM] for put in puts)

    @pytest.mark.parametrize("write", [small, large])
    def test_a_storage_that_knows_no_checksum_is_sent_none(
        self, write: Any, bucket: str, s3: MisbehavingStorage
    ) -> None:
        store = open_store(f"s3://{bucket}/p", StoreOptions(checksum="none"))
        write(store)
        store.delete("data/x.xlsx")
        assert not [name for request in s3.requests for name in request.headers if "checksum" in name]

    @pytest.mark.parametrize(("write", "key"), [(small, "manifests/x.json"), (large, "data/x.xlsx")])
    def test_records_and_files_alike_are_encrypted_and_tagged(
        self, write: Any, key: str, bucket: str, s3: MisbehavingStorage, s3_endpoint: str
    ) -> None:
        write(open_store(f"s3://{bucket}/p", StoreOptions(kms_key_arn=KEY_ARN, tags=TAGS)))
        first = s3.requests[0].headers
        assert {name: value for name, value in first.items() if name.startswith(ENCRYPTION)} == ENCRYPTED
        assert parse_qs(first["x-amz-tagging"]) == {name: [value] for name, value in TAGS}
        with closing(boto3.client("s3", endpoint_url=s3_endpoint, region_name="us-east-1")) as storage:
            held = storage.head_object(Bucket=bucket, Key=f"p/{key}")
            tags = storage.get_object_tagging(Bucket=bucket, Key=f"p/{key}")["TagSet"]
        assert (held["ServerSideEncryption"], held["SSEKMSKeyId"]) == ("aws:kms", KEY_ARN)
        assert {(tag["Key"], tag["Value"]) for tag in tags} == set(TAGS)

    @pytest.mark.parametrize("write", [small, large])
    def test_unasked_nothing_is_encrypted_or_tagged(self, write: Any, bucket: str, s3: MisbehavingStorage) -> None:
        write(open_store(f"s3://{bucket}/p"))
        sent = {name for request in s3.requests for name in request.headers}
        assert not [name for name in sent if "encryption" in name or "tagging" in name]

    def test_one_object_is_deleted_by_the_call_that_every_storage_knows(
        self, bucket: str, s3: MisbehavingStorage
    ) -> None:
        store = open_store(f"s3://{bucket}/p")
        small(store)
        store.delete("manifests/x.json")
        assert [request.path for request in s3.calls("delete")] == [f"/{bucket}/p/manifests/x.json"]
        assert store.read("manifests/x.json") is None

    def test_a_bucket_that_is_not_there_is_no_empty_archive(self, s3_environment: pytest.MonkeyPatch) -> None:
        with pytest.raises(ArchiveUnavailable, match=r"NoSuchBucket\)\.\sCreate the bucket"):
            open_store("s3://no-such-bucket/p").read("manifests/x.json")


def test_a_manifest_whose_answer_was_lost_is_found_to_be_ours_and_its_file_stays(
    bucket: str, s3: MisbehavingStorage
) -> None:
    """obstore asks again, S3 says the key is taken, and the one who took it is the same fetch."""
    store = open_store(f"s3://{bucket}/p")
    s3.script("create", LOSE_ANSWER)
    archived = land(store, observed_export(), Incoming([workbook()]))
    assert [request.status for request in s3.calls("create")] == [None, 412]
    assert archived.outcome is Outcome.LANDED
    assert b"".join(store.chunks(archived.key or "")) == workbook()
    manifest = read_manifest(store, archived.manifest_key)
    assert manifest
    assert manifest.key == archived.key


@pytest.fixture
def aws() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


class TestTheRolesKey:
    """With SnapStart, Lambda hands the key out instead of setting it."""

    @pytest.fixture(autouse=True)
    def handed_out(self, aws: ScriptedServer, s3: MisbehavingStorage, s3_environment: pytest.MonkeyPatch) -> None:
        s3_environment.delenv("AWS_ACCESS_KEY_ID")
        s3_environment.delenv("AWS_SECRET_ACCESS_KEY")
        s3_environment.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{aws.url}/role")
        s3_environment.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "lambdas-token")

    def hand_out(self, aws: ScriptedServer, name: str, **changes: object) -> None:
        aws.answer(200, {"AccessKeyId": name, "SecretAccessKey": "s", "Token": f"token-of-{name}"} | changes)

    def signers(self, s3: MisbehavingStorage) -> list[str]:
        return [signer(request) for request in s3.requests]

    def test_signs_and_is_kept_while_it_is_good(self, aws: ScriptedServer, bucket: str, s3: MisbehavingStorage) -> None:
        self.hand_out(aws, "first", Expiration=to_wire(utc_now() + timedelta(hours=1)))
        store = open_store(f"s3://{bucket}/p")
        small(store)
        assert store.read("manifests/x.json") == b"{}"
        assert self.signers(s3) == ["first", "first"]
        assert {request.headers["x-amz-security-token"] for request in s3.requests} == {"token-of-first"}
        assert [(path, headers["authorization"]) for _, path, headers, _ in aws.requests] == [
            ("/role", "lambdas-token")
        ]

    def test_is_asked_for_anew_before_it_ends(self, aws: ScriptedServer, bucket: str, s3: MisbehavingStorage) -> None:
        self.hand_out(aws, "first", Expiration=to_wire(utc_now() + timedelta(minutes=4)))
        self.hand_out(aws, "second", Expiration=to_wire(utc_now() + timedelta(hours=1)))
        store = open_store(f"s3://{bucket}/p")
        small(store)
        assert store.read("manifests/x.json") == b"{}"
        assert self.signers(s3) == ["first", "second"]

    def test_may_have_no_end(self, aws: ScriptedServer, bucket: str, s3: MisbehavingStorage) -> None:
        self.hand_out(aws, "endless", Token=None)
        small(open_store(f"s3://{bucket}/p"))
        assert self.signers(s3) == ["endless"]
        assert "x-amz-security-token" not in s3.requests[0].headers

    def test_the_token_may_be_in_a_file(
        self,
        aws: ScriptedServer,
        bucket: str,
        s3: MisbehavingStorage,
        s3_environment: pytest.MonkeyPatch,
        tmp_path: Path,
    ) -> None:
        (tmp_path / "token").write_text("from-file")
        s3_environment.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", str(tmp_path / "token"))
        self.hand_out(aws, "first")
        small(open_store(f"s3://{bucket}/p"))
        assert aws.requests[0][2]["authorization"] == "from-file"

    def test_a_key_in_the_environment_comes_first(
        self, bucket: str, s3: MisbehavingStorage, s3_environment: pytest.MonkeyPatch, aws: ScriptedServer
    ) -> None:
        s3_environment.setenv("AWS_ACCESS_KEY_ID", "static")
        s3_environment.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        small(open_store(f"s3://{bucket}/p"))
        assert (self.signers(s3), aws.requests) == (["static"], [])

    @pytest.mark.parametrize(
        ("act", "says"),
        [
            (lambda store: store.write("data/x", [b"x"]), "Could not write 'data/x'"),
            (lambda store: store.create("data/x", b"x"), "Could not create 'data/x'"),
            (lambda store: store.read("data/x"), "Could not read 'data/x'"),
            (lambda store: list(store.keys("data/")), "Could not list 'data/'"),
        ],
        ids=["write", "create", "read", "list"],
    )
    def test_none_is_told_with_the_reason_and_nothing_is_sent(
        self, act: Any, says: str, aws: ScriptedServer, bucket: str, s3: MisbehavingStorage
    ) -> None:
        aws.answer(500, {"AccessKeyId": "x", "SecretAccessKey": "canary-secret"})
        reason = f"{says} in the archive: AWS hands out no credentials: AWS_CONTAINER_CREDENTIALS_FULL_URI answered 500"
        with pytest.raises(ArchiveUnavailable, match=reason) as caught:
            act(open_store(f"s3://{bucket}/p"))
        assert "canary" not in str(caught.value)
        assert s3.requests == ()

    def test_a_refusal_of_s3_is_not_blamed_on_an_older_failure(
        self, aws: ScriptedServer, s3_environment: pytest.MonkeyPatch
    ) -> None:
        s3_environment.setenv("AWS_ENDPOINT_URL", aws.url)
        store = open_store("s3://bucket/p")
        aws.answer(500, b"")
        with pytest.raises(ArchiveUnavailable, match="hands out no credentials"):
            store.read("data/x")
        self.hand_out(aws, "first")
        aws.answer(401, b"")
        with pytest.raises(ArchiveUnavailable, match="UnauthenticatedError: HTTP 401"):
            store.read("data/x")


class TestSignatures:
    """rclone checks each, which moto does not."""

    @pytest.fixture(autouse=True)
    def environment(self, signing_endpoint: str, s3_environment: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
        s3_environment.setenv("AWS_ENDPOINT_URL", signing_endpoint)
        s3_environment.setenv("AWS_ACCESS_KEY_ID", rclone.ACCESS_KEY)
        s3_environment.setenv("AWS_SECRET_ACCESS_KEY", rclone.SECRET_KEY)
        return s3_environment

    def test_the_right_key_brings_a_large_file_there_and_back_byte_for_byte(self) -> None:
        content = random.Random(20).randbytes(20 * MIB)  # noqa: S311 - the same bytes every time
        store = open_store("s3://archive/workspace-exports")
        store.write("data/kind=a/x+y z.xlsx", [content[at : at + MIB] for at in range(0, len(content), MIB)])
        assert b"".join(store.chunks("data/kind=a/x+y z.xlsx")) == content
        assert [(stored.key, stored.size_bytes) for stored in store.objects("data/")] == [
            ("data/kind=a/x+y z.xlsx", 20 * MIB)
        ]
        store.delete("data/kind=a/x+y z.xlsx")
        assert list(store.keys("data/")) == []

    @pytest.mark.parametrize(
        ("variable", "code"),
        [("AWS_SECRET_ACCESS_KEY", "SignatureDoesNotMatch"), ("AWS_ACCESS_KEY_ID", "InvalidAccessKeyId")],
    )
    def test_a_wrong_key_is_told_by_the_storages_code_and_never_shown(
        self, variable: str, code: str, environment: pytest.MonkeyPatch
    ) -> None:
        environment.setenv(variable, "canary-key")
        store = open_store("s3://archive/wrong")
        for act in (
            lambda: store.write("data/x", [b"x"]),
            lambda: store.create("data/x", b"x"),
            lambda: store.read("data/x"),
            lambda: list(store.keys("data/")),
            lambda: store.delete("data/x"),
        ):
            with pytest.raises(ArchiveUnavailable, match=rf"\(\w+: {code}\)\.\sCheck AWS_ACCESS_KEY_ID") as caught:
                act()
            assert "canary" not in str(caught.value)


def signer(request: Passed) -> str:
    """Whose key the signature is of."""
    return request.headers["authorization"].partition("Credential=")[2].partition("/")[0]


def test_a_key_that_is_not_taken_for_one_is_told_as_such(
    aws: ScriptedServer, s3_environment: pytest.MonkeyPatch
) -> None:
    s3_environment.setenv("AWS_ENDPOINT_URL", aws.url)
    aws.answer(401, b"")
    with pytest.raises(ArchiveUnavailable, match=r"\(UnauthenticatedError: HTTP 401\)\.\sCheck AWS_ACCESS_KEY_ID"):
        open_store("s3://bucket/p").read("data/x")


def test_silence_is_told_as_such(s3_environment: pytest.MonkeyPatch) -> None:
    s3_environment.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(ArchiveUnavailable, match=r"\(GenericError: no connection\)"):
        open_store("s3://bucket/p").read("data/x")
