"""Storage on S3, or on a storage with the same API, as the AWS SDK's own variables describe it.

obstore itself reads every AWS_ variable that it knows, but the options that we pass have priority. So we pass them all.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from obstore.store import S3Store

from workspace_exports.core.endpoints import is_loopback
from workspace_exports.core.errors import Misconfigured
from workspace_exports.network.aws_endpoints import DOMAINS, checked_endpoint
from workspace_exports.network.variables import is_true, value_of, word_of
from workspace_exports.storage.options import StoreOptions
from workspace_exports.storage.role_credentials import RoleCredentials
from workspace_exports.storage.s3_place import find_place
from workspace_exports.storage.s3_way import find_way

if TYPE_CHECKING:
    from obstore.store import S3Config

_KEY = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
_TOKEN = "AWS_SESSION_TOKEN"  # noqa: S105 - a variable's name
_OTHER_TOKEN = "AWS_TOKEN"  # noqa: S105 - a variable's name
_HANDED_OUT = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
_IN_CONTAINERS = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
_WEB_IDENTITY = ("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN")
_UNSIGNED = "AWS_UNSIGNED_PAYLOAD"
_REFUSED = (
    "AWS_CHECKSUM_ALGORITHM",
    "AWS_SERVER_SIDE_ENCRYPTION",
    "AWS_SSE_BUCKET_KEY_ENABLED",
    "AWS_SSE_CUSTOMER_KEY_BASE64",
    "AWS_SSE_KMS_KEY_ID",
)
"""Variables that obstore would obey, and that no option can switch off."""
_UNSET_IT = "Unset it: ARCHIVE_CHECKSUM and ARCHIVE_KMS_KEY_ARN say how objects are written."
_SHUT_OUT: dict[str, str | bool] = {
    "conditional_put": "etag",
    "copy_if_not_exists": "multipart",
    "disable_bulk_delete": True,
    "disable_tagging": False,
    "imdsv1_fallback": False,
    "request_payer": False,
    "s3_express": False,
    "skip_signature": False,
}
"""Options that obstore would otherwise read from variables such as AWS_SKIP_SIGNATURE.

Bulk delete is off because not every S3 supports it, and this bundle never uses it. Source: `AmazonS3ConfigKey` in
arrow-rs-object-store 0.14. Its client options come only from us as soon as we pass any.
"""

IN_ORDER = tuple(f".{domain}" for domain in DOMAINS)
"""Ends of the names of AWS's hosts, which promise to list in the order of keys. For other hosts it is not known."""

_DIRECTORY_BUCKET = "--x-s3"

_CONNECT_TIMEOUT = "5s"
_REQUEST_TIMEOUT = "120s"
_RETRY_TIMEOUT = timedelta(seconds=60)
_MOST_RETRIES = 5
"""Limit of retries. No retry starts later than one minute after the first attempt.

With these limits a part of 8 MiB arrives at 70 KiB/s or more, and a storage that hangs costs at most 3 minutes.
"""


def open_s3(bucket: str, prefix: str, options: StoreOptions, environment: Mapping[str, str]) -> S3Store:
    """Return the store of a bucket, or of a prefix in it, without sending a request.

    If TLS protects the payload, it is not hashed a second time for the signature. On this machine it is hashed, unless
    AWS_UNSIGNED_PAYLOAD is true.

    Raises:
        Misconfigured: no region or no credentials are set; an endpoint is not safe; a proxy, the trusted certificates
            or another variable cannot be used; the bucket is a directory bucket.
    """
    if bucket.endswith(_DIRECTORY_BUCKET):
        raise Misconfigured(
            f"ARCHIVE_URL names the directory bucket {bucket!r}, which lists in no order and keeps to one zone",
            advice="Set ARCHIVE_URL to a general purpose bucket.",
        )
    place = find_place(bucket, environment)
    endpoint = place["endpoint"]
    for name in filter(environment.get, _REFUSED):
        raise Misconfigured(f"{name}: is read by the storage library alone", advice=_UNSET_IT)
    credentials = _credentials(environment)
    config = {**_SHUT_OUT, **place} | _writing(options) | _payload(endpoint, environment) | _key(environment)
    return S3Store(
        bucket,
        prefix=prefix or None,
        config=cast("S3Config", config),
        client_options={
            **find_way(endpoint, environment),
            "allow_http": is_loopback(endpoint),
            "connect_timeout": _CONNECT_TIMEOUT,
            "timeout": _REQUEST_TIMEOUT,
        },
        retry_config={"max_retries": _MOST_RETRIES, "retry_timeout": _RETRY_TIMEOUT},
        credential_provider=credentials,
    )


def lists_in_order(bucket: str, environment: Mapping[str, str]) -> bool:
    """Return whether the storage promises to list in the order of keys."""
    return (urlsplit(find_place(bucket, environment)["endpoint"]).hostname or "").endswith(IN_ORDER)


def has_key(environment: Mapping[str, str]) -> bool:
    """Return whether our code can read the key for storage, and not only obstore."""
    return all(environment.get(name) for name in _KEY) or bool(environment.get(_HANDED_OUT))


def _writing(options: StoreOptions) -> dict[str, str | bool]:
    config: dict[str, str | bool] = {}
    if options.checksum != "none":
        config["checksum_algorithm"] = options.checksum
    if options.kms_key_arn:
        config["server_side_encryption"] = "aws:kms"
        config["sse_kms_key_id"] = options.kms_key_arn
        config["sse_bucket_key_enabled"] = True
    return config


def _payload(endpoint: str, environment: Mapping[str, str]) -> dict[str, str | bool]:
    if not is_loopback(endpoint):
        return {"unsigned_payload": True}
    return {"unsigned_payload": is_true(environment, _UNSIGNED)} if value_of(environment, _UNSIGNED) else {}


def _key(environment: Mapping[str, str]) -> dict[str, str | bool]:
    """Return the options with the key in the environment; empty if it has no key."""
    key, secret, token = (word_of(environment, name) for name in (*_KEY, _TOKEN))
    if not (key and secret):
        return {}
    if value_of(environment, _OTHER_TOKEN) not in ("", token):
        raise Misconfigured(f"{_OTHER_TOKEN} differs from {_TOKEN}", advice=f"Unset {_OTHER_TOKEN}.")
    return {"access_key_id": key, "secret_access_key": secret, **({"session_token": token} if token else {})}


def _credentials(environment: Mapping[str, str]) -> RoleCredentials | None:
    """Return the provider of the role's key.

    The result is None if the key is in the environment, or if obstore fetches it in a container outside Lambda.
    """
    stated = [name for name in _KEY if value_of(environment, name)]
    if len(stated) == len(_KEY):
        return None
    if uri := value_of(environment, _HANDED_OUT):
        checked_endpoint(_HANDED_OUT, uri)
        return RoleCredentials(environment)
    if _is_in_container(environment):
        if stated:
            raise Misconfigured(f"{' and '.join(_KEY)}: one is set without the other", advice=f"Unset {stated[0]}.")
        return None
    raise Misconfigured(
        f"No credentials for the archive: neither {' and '.join(_KEY)} nor {_HANDED_OUT}",
        advice=f"Set {' and '.join(_KEY)}; on Lambda, give the function a role. No profile is read: with one, run "
        'eval "$(aws configure export-credentials --format env)" first (AWS CLI 2).',
    )


def _is_in_container(environment: Mapping[str, str]) -> bool:
    """Return whether obstore can fetch a key by the variables of ECS or EKS.

    With only half of them set, obstore would use the credentials of the machine instead.
    """
    file, role = (value_of(environment, name) for name in _WEB_IDENTITY)
    if file and not role:
        raise Misconfigured(f"{_WEB_IDENTITY[1]} is missing beside {_WEB_IDENTITY[0]}")
    path = value_of(environment, _IN_CONTAINERS)
    if path and not path.startswith("/"):
        raise Misconfigured(f"{_IN_CONTAINERS}: must be a path, such as /v2/credentials/...")
    return bool(file or path)
