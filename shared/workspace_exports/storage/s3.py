"""Storage on S3, or on one that speaks like it, as the AWS SDK's own variables describe it.

obstore reads every AWS_ variable it knows by itself, but what it is given comes first. So it is given all of it.
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
"""obstore would follow them, and there is no value that tells it not to."""
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
"""Each of these has a variable, such as AWS_SKIP_SIGNATURE, that obstore reads where it is not told.

Not every S3 knows how to remove many objects at once, and none is ever asked to. Source: `AmazonS3ConfigKey` in
arrow-rs-object-store 0.14, whose client options come from us alone as soon as there are some.
"""

IN_ORDER = tuple(f".{domain}" for domain in DOMAINS)
"""Ends of the hosts that promise to list in the order of keys: AWS's own. Of others it is not known."""

_DIRECTORY_BUCKET = "--x-s3"

_CONNECT_TIMEOUT = "5s"
_REQUEST_TIMEOUT = "120s"
_RETRY_TIMEOUT = timedelta(seconds=60)
_MOST_RETRIES = 5
"""A part of 8 MiB gets through at 70 KiB/s, and storage that hangs costs 3 minutes: nothing starts anew after one."""


def open_s3(bucket: str, prefix: str, options: StoreOptions, environment: Mapping[str, str]) -> S3Store:
    """A bucket, or what is below a prefix in it; nothing is sent yet.

    The payload is not hashed a second time for the signature where TLS protects it; on this machine it is, unless
    AWS_UNSIGNED_PAYLOAD says otherwise.

    Raises:
        Misconfigured: no region is set, or no credentials are; an endpoint is not safe, or a proxy, the trusted
            certificates or another variable is of no use; it is a directory bucket.
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
    """Return whether the key for storage is where we can read it, and not only obstore."""
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
    """The key in the environment; empty where there is none."""
    key, secret, token = (word_of(environment, name) for name in (*_KEY, _TOKEN))
    if not (key and secret):
        return {}
    if value_of(environment, _OTHER_TOKEN) not in ("", token):
        raise Misconfigured(f"{_OTHER_TOKEN} differs from {_TOKEN}", advice=f"Unset {_OTHER_TOKEN}.")
    return {"access_key_id": key, "secret_access_key": secret, **({"session_token": token} if token else {})}


def _credentials(environment: Mapping[str, str]) -> RoleCredentials | None:
    """None where the key is in the environment, or obstore fetches it in a container that is no Lambda."""
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
        advice=f"Set {' and '.join(_KEY)}; on Lambda, give the function a role.",
    )


def _is_in_container(environment: Mapping[str, str]) -> bool:
    """True if obstore can fetch a key by what ECS or EKS have set; with half of it, it would ask the machine's own."""
    file, role = (value_of(environment, name) for name in _WEB_IDENTITY)
    if file and not role:
        raise Misconfigured(f"{_WEB_IDENTITY[1]} is missing beside {_WEB_IDENTITY[0]}")
    path = value_of(environment, _IN_CONTAINERS)
    if path and not path.startswith("/"):
        raise Misconfigured(f"{_IN_CONTAINERS}: must be a path, such as /v2/credentials/...")
    return bool(file or path)
