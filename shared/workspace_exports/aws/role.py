"""Key of the role that a function runs as, read from the places where the Lambda service puts it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

import httpx

from workspace_exports.aws.sigv4 import AwsKey
from workspace_exports.core.errors import Misconfigured, VendorUnavailable
from workspace_exports.network.aws_endpoints import checked_endpoint
from workspace_exports.network.certificates import AWS
from workspace_exports.network.http_client import open_client
from workspace_exports.network.variables import value_of, word_of

_READ_SECONDS = 5.0
_KEY = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_URI = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
_TOKEN = "AWS_CONTAINER_AUTHORIZATION_TOKEN"  # noqa: S105 - a variable's name
_TOKEN_FILE = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"  # noqa: S105 - a variable's name


def role_key(environment: Mapping[str, str]) -> AwsKey:
    """Return the role's current key; each call reads it again because it expires.

    Raises:
        Misconfigured: no key is in any of the places where Lambda puts it.
        VendorUnavailable: the service on this machine that provides the key does not answer.
    """
    key, secret, token = (word_of(environment, name) for name in _KEY)
    if key and secret:
        return AwsKey(key, secret, token or None)
    if uri := value_of(environment, _URI):
        return _fetched(uri, _container_token(environment))
    raise Misconfigured(f"AWS gives no credentials: neither AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY nor {_URI}")


def _container_token(environment: Mapping[str, str]) -> str:
    """Return the token for the service that provides the key; empty if none is set."""
    file = value_of(environment, _TOKEN_FILE)
    if not file:
        return word_of(environment, _TOKEN)
    try:
        return word_of({_TOKEN_FILE: Path(file).read_text(encoding="utf-8")}, _TOKEN_FILE)
    except (OSError, ValueError):
        raise Misconfigured(f"{_TOKEN_FILE}: the file cannot be read") from None


def _fetched(uri: str, token: str) -> AwsKey:
    """Fetch the key from the service on this machine.

    With SnapStart the key is not in the environment, because the environment outlives the key.
    """
    checked_endpoint(_URI, uri)
    try:
        with open_client(read_seconds=_READ_SECONDS, use_proxies=False, trust=AWS) as http:
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
    """Return the time that AWS writes as `2026-11-22T06:00:00Z`."""
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
