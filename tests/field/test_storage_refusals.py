"""Storage's refusals keep S3's own code, name the bucket's region, and say what to do (301, 307, 400, 403, 404)."""

import re
from collections.abc import Callable

import pytest

from tests.support.fixtures.handlers import Call
from tests.support.servers.faulty_storage.faults import Answer, refusal
from tests.support.servers.faulty_storage.server import MisbehavingStorage
from workspace_exports.core.errors import ArchiveUnavailable
from workspace_exports.storage.store import Store

pytestmark = pytest.mark.parametrize("archive_url", ["s3"], indirect=True)

REGION = "Set AWS_REGION to"
KEY = "Check AWS_ACCESS_KEY_ID"
LATER = "Try again: the storage is busy"
CODES = {
    "AccessDenied": (403, "Allow s3:GetObject"),
    "AccountProblem": (403, "Contact the storage"),
    "AllAccessDisabled": (403, "Contact the storage"),
    "BucketQuotaExceeded": (403, "Raise the quota"),
    "ExpiredToken": (400, "Renew the key"),
    "IllegalLocationConstraintException": (400, REGION),
    "InternalError": (400, LATER),
    "InvalidAccessKeyId": (403, KEY),
    "InvalidArgument": (400, "ARCHIVE_CHECKSUM=none"),
    "InvalidBucketName": (400, "Set ARCHIVE_URL"),
    "InvalidDigest": (400, "what arrived is not what was sent"),
    "InvalidObjectState": (403, "cold storage class"),
    "InvalidRegion": (400, REGION),
    "InvalidToken": (400, "Renew the key"),
    "KMS.DisabledException": (400, "Check the KMS key"),
    "KMS.KMSInvalidStateException": (400, "Check the KMS key"),
    "KMS.NotFoundException": (400, "Check the KMS key"),
    "NoSuchBucket": (404, "Create the bucket"),
    "NotImplemented": (400, "ARCHIVE_CHECKSUM=none"),
    "OperationAborted": (400, LATER),
    "QuotaExceeded": (403, "Raise the quota"),
    "RequestTimeTooSkewed": (403, "Correct this machine's clock"),
    "RequestTimeout": (400, LATER),
    "SignatureDoesNotMatch": (403, KEY),
    "SlowDown": (400, LATER),
    "StorageQuotaExceeded": (403, "Raise the quota"),
    "XAmzContentChecksumMismatch": (400, "what arrived is not what was sent"),
    "XAmzContentSHA256Mismatch": (400, "what arrived is not what was sent"),
    "XMinioServerNotInitialized": (400, ArchiveUnavailable.advice),
}
SECRET = "https://b/x?X-Amz-Signature=c0ffee"


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("verb", ["read", "list"])
def test_the_code_is_told_with_what_to_do_and_nothing_else(
    verb: str, code: str, s3: MisbehavingStorage, store: Store
) -> None:
    status, advice = CODES[code]
    s3.script({"read": "get", "list": "list"}[verb], refusal(status, code, f"AKIAEXAMPLE {SECRET}"))
    with pytest.raises(ArchiveUnavailable) as caught:
        store.read("since/x.json") if verb == "read" else list(store.keys("since/"))
    assert re.search(rf"\((\w+): {re.escape(code)}\)\.\n", str(caught.value))
    assert (advice if code != "AccessDenied" or verb == "read" else "Allow s3:ListBucket") in str(caught.value)
    assert not re.search("AKIA|c0ffee|Signature=", str(caught.value))


def told(code: str, inside: str = "", message: str = "Said.") -> bytes:
    return f"<Error><Code>{code}</Code><Message>{message}</Message>{inside}</Error>".encode()


NAMED = {"x-amz-bucket-region": "eu-west-1"}
ELSEWHERE = {
    "301, region in the head": (Answer(301, told("PermanentRedirect"), NAMED), "PermanentRedirect", "eu-west-1"),
    "301, endpoint in the body": (
        Answer(301, told("PermanentRedirect", "<Endpoint>b.s3.eu-west-1.amazonaws.com</Endpoint>")),
        "PermanentRedirect",
        "eu-west-1",
    ),
    "301, endpoint with a dash": (
        Answer(301, told("PermanentRedirect", "<Endpoint>b.s3-eu-west-1.amazonaws.com</Endpoint>")),
        "PermanentRedirect",
        "eu-west-1",
    ),
    "301, a region that is none": (
        Answer(301, told("PermanentRedirect", "<Region>\x1b[31m</Region>")),
        "PermanentRedirect",
        "",
    ),
    "301 without a word": (Answer(301), "HTTP 301", ""),
    "301, only a region": (Answer(301, b"", NAMED), "HTTP 301", "eu-west-1"),
    "307, region in the head": (Answer(307, told("TemporaryRedirect"), NAMED), "TemporaryRedirect", "eu-west-1"),
    "400, region in the body": (
        Answer(400, told("AuthorizationHeaderMalformed", "<Region>eu-central-1</Region>")),
        "AuthorizationHeaderMalformed",
        "eu-central-1",
    ),
    "400, region in the words": (
        Answer(
            400,
            told("AuthorizationHeaderMalformed", message="the region 'us-east-1' is wrong; expecting 'eu-central-1'"),
        ),
        "AuthorizationHeaderMalformed",
        "eu-central-1",
    ),
    "400, a region of China": (
        Answer(400, told("AuthorizationHeaderMalformed", "<Region>cn-north-1</Region>")),
        "AuthorizationHeaderMalformed",
        "cn-north-1",
    ),
}


@pytest.mark.parametrize("case", ELSEWHERE)
@pytest.mark.parametrize("operation", ["get", "put", "create", "list", "delete"])
def test_a_bucket_of_another_region_is_told_with_its_region(
    operation: str, case: str, s3: MisbehavingStorage, store: Store
) -> None:
    answer, code, region = ELSEWHERE[case]
    s3.script(operation, answer)
    s3.script("list", *[answer] * 2)
    calls: dict[str, Callable[[], object]] = {
        "get": lambda: store.read("a"),
        "put": lambda: store.replace("a", b"{}"),
        "create": lambda: store.create("a", b"{}"),
        "list": lambda: list(store.keys("since/")),
        "delete": lambda: store.delete("a"),
    }
    with pytest.raises(ArchiveUnavailable, match=code) as caught:
        calls[operation]()
    if region:
        assert f"{code}, region {region})" in str(caught.value)
        assert f"Set AWS_REGION to {region}, the region of the archive's bucket." in str(caught.value)
    else:
        assert "Set AWS_REGION to the region of the archive's bucket." in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_a_plan_in_another_region_says_where_the_bucket_is(s3: MisbehavingStorage, plan: Call) -> None:
    s3.script("get", *[ELSEWHERE["301, region in the head"][0]] * 2)
    s3.script("list", *[ELSEWHERE["301, region in the head"][0]] * 4)
    with pytest.raises(ArchiveUnavailable, match="PermanentRedirect, region eu-west-1"):
        plan(kinds=["connection-records"])
