"""Variables that the storage library reads by itself, past what was checked.

Sources: apache/arrow-rs-object-store `AmazonS3Builder::from_env` (every AWS_ variable it knows), the AWS SDKs'
reference on endpoints of single services (AWS_ENDPOINT_URL_S3, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS).
"""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.support.servers.faulty_storage.server import MisbehavingStorage
from workspace_exports.core.errors import Misconfigured
from workspace_exports.storage.options import StoreOptions
from workspace_exports.storage.store import open_store

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CANARY = "canary-value"


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"AWS_ENDPOINT": "http://127.0.0.1:9"}, "AWS_ENDPOINT differs from"),
        ({"AWS_ENDPOINT": f"http://{CANARY}.example"}, "AWS_ENDPOINT: must be an https URL"),
        ({"AWS_ENDPOINT_URL_S3": f"http://{CANARY}.example"}, "AWS_ENDPOINT_URL_S3: must be an https URL"),
        ({"AWS_ENDPOINT_URL_STS": f"http://{CANARY}.example"}, "AWS_ENDPOINT_URL_STS: must be an https URL"),
        ({"AWS_VIRTUAL_HOSTED_STYLE_REQUEST": "true"}, "AWS_VIRTUAL_HOSTED_STYLE_REQUEST: the endpoint is an address"),
        ({"AWS_VIRTUAL_HOSTED_STYLE_REQUEST": CANARY}, "AWS_VIRTUAL_HOSTED_STYLE_REQUEST: must be true or false"),
        ({"AWS_UNSIGNED_PAYLOAD": CANARY}, "AWS_UNSIGNED_PAYLOAD: must be true or false"),
        ({"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": CANARY}, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: must be true or false"),
        ({"AWS_TOKEN": CANARY}, "AWS_TOKEN differs from AWS_SESSION_TOKEN"),
        ({"AWS_SESSION_TOKEN": f"{CANARY}\nx"}, "AWS_SESSION_TOKEN: holds a character"),
        ({"AWS_SESSION_TOKEN": f"{CANARY}\u00e9"}, "AWS_SESSION_TOKEN: holds a character"),
        ({"AWS_ACCESS_KEY_ID": f"{CANARY}\x7f"}, "AWS_ACCESS_KEY_ID: holds a character"),
        ({"AWS_SERVER_SIDE_ENCRYPTION": CANARY}, "AWS_SERVER_SIDE_ENCRYPTION: is read by the storage library alone"),
        ({"AWS_SSE_CUSTOMER_KEY_BASE64": CANARY}, "AWS_SSE_CUSTOMER_KEY_BASE64: is read by"),
        ({"AWS_SSE_KMS_KEY_ID": CANARY}, "AWS_SSE_KMS_KEY_ID: is read by"),
        ({"AWS_CHECKSUM_ALGORITHM": CANARY}, "AWS_CHECKSUM_ALGORITHM: is read by"),
        ({"AWS_ACCESS_KEY_ID": "", "AWS_WEB_IDENTITY_TOKEN_FILE": CANARY}, "AWS_ROLE_ARN is missing beside"),
        ({"AWS_ACCESS_KEY_ID": "", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": f"@{CANARY}/"}, "must be a path"),
        ({"AWS_ACCESS_KEY_ID": "", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"}, "set without the other"),
    ],
    ids=str,
)
def test_what_differs_or_cannot_be_shut_out_is_refused_by_name(
    variables: dict[str, str], says: str, bucket: str, s3: MisbehavingStorage, s3_environment: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        s3_environment.setenv(name, value)
    with pytest.raises(Misconfigured, match=says) as caught:
        open_store(f"s3://{bucket}/p")
    assert CANARY not in str(caught.value)
    assert s3.requests == ()


@pytest.mark.parametrize(
    "variables",
    [
        {"AWS_ALLOW_HTTP": CANARY},
        {"AWS_ALLOW_INVALID_CERTIFICATES": "true"},
        {"AWS_BUCKET": "another", "AWS_BUCKET_NAME": "another"},
        {"AWS_CONDITIONAL_PUT": "disabled"},
        {"AWS_COPY_IF_NOT_EXISTS": CANARY},
        {"AWS_DEFAULT_REGION": "another-1"},
        {"AWS_DISABLE_BULK_DELETE": "false"},
        {"AWS_DISABLE_TAGGING": "true"},
        {"AWS_ENDPOINT_URL_S3": ""},
        {"AWS_IMDSV1_FALLBACK": CANARY},
        {"AWS_METADATA_ENDPOINT": "http://127.0.0.1:9"},
        {"AWS_PROXY_URL": "http://127.0.0.1:9"},
        {"AWS_PROXY_EXCLUDES": CANARY},
        {"AWS_REQUEST_PAYER": CANARY},
        {"AWS_S3_EXPRESS": "true"},
        {"AWS_SKIP_SIGNATURE": "true"},
        {"AWS_TIMEOUT": CANARY},
        {"AWS_TOKEN": ""},
        {"AWS_USER_AGENT": CANARY},
    ],
    ids=str,
)
def test_what_can_be_shut_out_changes_nothing(
    variables: dict[str, str], bucket: str, s3: MisbehavingStorage, s3_environment: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        s3_environment.setenv(name, value)
    store = open_store(f"s3://{bucket}/p", StoreOptions(tags=(("team", "audit"),)))
    assert (store.create("x", b"1"), store.create("x", b"2"), store.read("x")) == (True, False, b"1")
    store.delete("x")
    sent = s3.requests
    assert all("/us-east-1/s3/" in request.headers["authorization"] for request in sent)
    assert sent[0].headers["x-amz-tagging"] == "team=audit"
    assert CANARY not in str([request.headers for request in sent])


@pytest.mark.parametrize(
    ("variables", "link"),
    [
        ({"AWS_ENDPOINT_URL_S3": "https://s3.example"}, "https://s3.example/bucket/p/x"),
        (
            {"AWS_ENDPOINT_URL_S3": "https://s3.example", "AWS_ENDPOINT": "https://s3.example"},
            "https://s3.example/bucket/p/x",
        ),
        ({"AWS_ENDPOINT": "https://a.example", "AWS_ENDPOINT_URL": ""}, "https://a.example/bucket/p/x"),
        (
            {"AWS_ENDPOINT": "https://a.example/", "AWS_ENDPOINT_URL": "https://a.example"},
            "https://a.example/bucket/p/x",
        ),
        ({"AWS_ENDPOINT_URL": " https://a.example\r"}, "https://a.example/bucket/p/x"),
        ({"AWS_ENDPOINT_URL": "https://a.example/minio"}, "https://a.example/minio/bucket/p/x"),
        ({"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, "https://s3.us-east-1.amazonaws.com/bucket/p/x"),
        (
            {"AWS_ENDPOINT_URL": "", "AWS_REGION": "", "AWS_DEFAULT_REGION": "eu-west-3\r"},
            "https://s3.eu-west-3.amazonaws.com/bucket/p/x",
        ),
    ],
    ids=str,
)
def test_the_endpoint_that_counts_is_the_one_that_counts_for_the_aws_sdks(
    variables: dict[str, str], link: str, s3_environment: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        s3_environment.setenv(name, value)
    found = open_store("s3://bucket/p").link("x", timedelta(minutes=1))
    assert str(found).partition("?")[0] == link


@pytest.mark.parametrize(
    ("endpoint", "host"),
    [
        ("https://obs.ap-southeast-3.myhuaweicloud.com", "bucket.obs.ap-southeast-3.myhuaweicloud.com"),
        ("https://bucket.obs.ap-southeast-3.myhuaweicloud.com", "bucket.obs.ap-southeast-3.myhuaweicloud.com"),
        ("https://s3.example:8443", "bucket.s3.example:8443"),
        ("https://bucket2.s3.example", "bucket.bucket2.s3.example"),
        ("https://s3.eu-central-1.amazonaws.com", "bucket.s3.eu-central-1.amazonaws.com"),
        ("https://S3.example", "bucket.S3.example"),
        ("https://10.0.0.1:9000", None),
        ("https://[fd07::1]:9000", None),
        ("http://localhost:9000", None),
        ("http://127.0.0.1:9000", None),
    ],
)
@pytest.mark.parametrize("true", ["true", "1", "Yes"])
def test_a_bucket_with_a_host_of_its_own_is_never_a_folder_of_another_bucket(
    endpoint: str, host: str | None, true: str, s3_environment: pytest.MonkeyPatch
) -> None:
    s3_environment.setenv("AWS_ENDPOINT_URL", endpoint)
    s3_environment.setenv("AWS_VIRTUAL_HOSTED_STYLE_REQUEST", true)
    if host is None:
        with pytest.raises(Misconfigured, match="AWS_VIRTUAL_HOSTED_STYLE_REQUEST"):
            open_store("s3://bucket/p")
    else:
        parts = urlsplit(str(open_store("s3://bucket/p").link("x", timedelta(minutes=1))))
        assert (parts.netloc.lower(), parts.path) == (host.lower(), "/p/x")


def test_a_session_token_goes_with_its_key_and_no_other_does(
    bucket: str, s3: MisbehavingStorage, s3_environment: pytest.MonkeyPatch
) -> None:
    s3_environment.setenv("AWS_SESSION_TOKEN", " token\r\n")
    open_store(f"s3://{bucket}/p").read("x")
    assert s3.requests[0].headers["x-amz-security-token"] == "token"


def test_a_prefix_is_not_taken_for_a_bucket(
    bucket: str, s3_environment: pytest.MonkeyPatch, s3_client: "S3Client", tmp_path: Path
) -> None:
    """With the root of the service for an endpoint, the data went to a bucket named like the prefix."""
    prefix = f"other-{tmp_path.name.replace('_', '-').lower()[:40].strip('-')}"
    s3_client.create_bucket(Bucket=prefix)
    s3_environment.setenv("AWS_VIRTUAL_HOSTED_STYLE_REQUEST", "true")
    with pytest.raises(Misconfigured):
        open_store(f"s3://{bucket}/{prefix}").write("x", [b"1"])
    assert "Contents" not in s3_client.list_objects_v2(Bucket=prefix)
