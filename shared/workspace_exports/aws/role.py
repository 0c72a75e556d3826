"""The key of the role a function runs as, from where the Lambda service puts it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

import httpx

from workspace_exports.aws.signing import AwsKey
from workspace_exports.errors import Misconfigured, VendorUnavailable
from workspace_exports.loopback import is_safe_endpoint
from workspace_exports.transport import open_client

_READ_SECONDS = 5.0
_URI = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
_TOKEN = "AWS_CONTAINER_AUTHORIZATION_TOKEN"  # noqa: S105 - a variable's name
_TOKEN_FILE = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"  # noqa: S105 - a variable's name


def role_key(environment: Mapping[str, str]) -> AwsKey:
    """The role's key as it is now; asked for anew every time, since it expires.

    Raises:
        Misconfigured: there is none in any place Lambda is known to put it.
        VendorUnavailable: the service on this machine that hands it out does not answer.
    """
    if environment.get("AWS_ACCESS_KEY_ID") and environment.get("AWS_SECRET_ACCESS_KEY"):
        token = environment.get("AWS_SESSION_TOKEN") or None
        return AwsKey(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"], token)
    if uri := environment.get(_URI):
        return _fetched(uri, _container_token(environment))
    raise Misconfigured(f"AWS gives no credentials: neither AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY nor {_URI}")


def _container_token(environment: Mapping[str, str]) -> str | None:
    if file := environment.get(_TOKEN_FILE):
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise Misconfigured(f"{_TOKEN_FILE}: the file cannot be read") from None
    return environment.get(_TOKEN)


def _fetched(uri: str, token: str | None) -> AwsKey:
    """With SnapStart the key is not in the environment, which outlives it."""
    if not is_safe_endpoint(uri):
        raise Misconfigured(f"{_URI}: must be an https URL; plain http is for this machine only")
    try:
        with open_client(read_seconds=_READ_SECONDS, use_proxies=False) as http:
            response = http.get(uri, headers={"Authorization": token} if token else {})
    except httpx.RequestError as error:
        raise VendorUnavailable(f"AWS hands out no credentials ({type(error).__name__})") from error
    if response.status_code != HTTPStatus.OK:
        raise VendorUnavailable(f"AWS hands out no credentials: {_URI} answered {response.status_code}")
    return _key(response.content)


def _key(body: bytes) -> AwsKey:
    try:
        answer = json.loads(body)
        expires_at = _expiry(answer.get("Expiration"))
        return AwsKey(str(answer["AccessKeyId"]), str(answer["SecretAccessKey"]), answer.get("Token"), expires_at)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise VendorUnavailable(f"AWS hands out no credentials: {_URI} answered something else") from None


def _expiry(text: str | None) -> datetime | None:
    """AWS writes `2026-11-22T06:00:00Z`."""
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
