"""Storage on S3, or on one that speaks like it, as the AWS SDK's own variables describe it."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from obstore.store import S3Store

from workspace_exports.archive.options import StoreOptions
from workspace_exports.archive.role_credentials import RoleCredentials
from workspace_exports.errors import Misconfigured
from workspace_exports.loopback import is_loopback, is_safe_endpoint

if TYPE_CHECKING:
    from obstore.store import S3Config

_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
_REGIONS = ("AWS_REGION", "AWS_DEFAULT_REGION")
_SET_THE_REGION = "Set AWS_REGION to the region of the archive's bucket."
_KEY = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
_HANDED_OUT = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
_ELSEWHERE = ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_WEB_IDENTITY_TOKEN_FILE")
"""Where obstore looks by itself, in a container that is no Lambda."""

_REGION = re.compile(r"[a-z0-9-]{1,64}")
"""It becomes part of a host's name."""

IN_ORDER = (".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu")
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
    obstore's own AWS_UNSIGNED_PAYLOAD says otherwise.

    Raises:
        Misconfigured: no region is set, or no credentials are; an endpoint is not safe; it is a directory bucket.
    """
    if bucket.endswith(_DIRECTORY_BUCKET):
        raise Misconfigured(
            f"ARCHIVE_URL names the directory bucket {bucket!r}, which lists in no order and keeps to one zone",
            advice="Set ARCHIVE_URL to a general purpose bucket.",
        )
    local = is_loopback(_endpoint(environment))
    return S3Store(
        bucket,
        prefix=prefix or None,
        config=_config(options, _region(environment)) | ({} if local else {"unsigned_payload": True}),
        client_options={"allow_http": local, "connect_timeout": _CONNECT_TIMEOUT, "timeout": _REQUEST_TIMEOUT},
        retry_config={"max_retries": _MOST_RETRIES, "retry_timeout": _RETRY_TIMEOUT},
        credential_provider=_credentials(environment),
    )


def lists_in_order(environment: Mapping[str, str]) -> bool:
    """Whether the storage promises to list in the order of keys."""
    endpoint = _endpoint(environment)
    return not endpoint or (urlsplit(endpoint).hostname or "").endswith(IN_ORDER)


def has_key(environment: Mapping[str, str]) -> bool:
    """Whether the key for storage is where we can read it, and not only obstore."""
    return all(environment.get(name) for name in _KEY) or bool(environment.get(_HANDED_OUT))


def _config(options: StoreOptions, region: str) -> "S3Config":
    """Not every S3 knows how to remove many objects at once, and none is ever asked to."""
    config: S3Config = {"region": region, "disable_bulk_delete": True}
    if options.checksum != "none":
        config["checksum_algorithm"] = options.checksum
    if options.kms_key_arn:
        config["server_side_encryption"] = "aws:kms"
        config["sse_kms_key_id"] = options.kms_key_arn
        config["sse_bucket_key_enabled"] = True
    return config


def _region(environment: Mapping[str, str]) -> str:
    """Left to obstore, a forgotten one would be us-east-1."""
    region = _first(environment, _REGIONS)
    if not region:
        raise Misconfigured("AWS_REGION is missing", advice=_SET_THE_REGION)
    if not _REGION.fullmatch(region):
        raise Misconfigured("AWS_REGION is no name of a region", advice=_SET_THE_REGION)
    return region


def _endpoint(environment: Mapping[str, str]) -> str:
    """Empty where none is set but AWS's own."""
    for name in _ENDPOINTS:
        if endpoint := environment.get(name):
            if not is_safe_endpoint(endpoint):
                raise Misconfigured(f"{name}: must be an https URL; plain http is for this machine only")
            return endpoint
    return ""


def _credentials(environment: Mapping[str, str]) -> RoleCredentials | None:
    """None where obstore finds them by itself."""
    if all(environment.get(name) for name in _KEY):
        return None
    if uri := environment.get(_HANDED_OUT):
        if not is_safe_endpoint(uri):
            raise Misconfigured(f"{_HANDED_OUT}: must be an https URL; plain http is for this machine only")
        return RoleCredentials(environment)
    if _first(environment, _ELSEWHERE):
        return None
    raise Misconfigured(
        f"No credentials for the archive: neither {' and '.join(_KEY)} nor {_HANDED_OUT}",
        advice=f"Set {' and '.join(_KEY)}; on Lambda, give the function a role.",
    )


def _first(environment: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((value for name in names if (value := environment.get(name))), "")
