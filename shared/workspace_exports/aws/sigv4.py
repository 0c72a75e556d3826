"""AWS Signature Version 4 as an `httpx.Auth`.

AWS's published test suite in tests/data/sigv4_vectors.json checks it. It signs S3 paths only if they hold no escape:
it encodes a path once more, and S3 does not.
"""

import hashlib
import hmac
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from urllib.parse import parse_qsl, quote

import httpx

from workspace_exports.core.clock import utc_now

ALGORITHM = "AWS4-HMAC-SHA256"
_DATE_FORMAT = "%Y%m%dT%H%M%SZ"
_SIGNED = ("content-type", "host", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token", "x-amz-target")

Pairs = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class AwsKey:
    """AWS access key, with a session token if it is a role's. Its repr shows no secret.

    `expires_at` is UTC; None if AWS gives no time.
    """

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """Region and service that a signature is valid for."""

    region: str
    service: str

    def on(self, date: str) -> str:
        """Return the credential scope for a time such as `20150830T123600Z`."""
        return f"{date[:8]}/{self.region}/{self.service}/aws4_request"


def canonical_request(method: str, path: str, query: Pairs, headers: Pairs, body: bytes) -> str:
    """Return the text whose digest is signed.

    Args:
        method: the HTTP verb.
        path: the path on the request line; this function encodes it once more.
        query: decoded names and values.
        headers: the headers to sign, in any order and case; several of one name are joined in their order.
        body: the bytes that are sent.
    """
    pairs = sorted((quote(name, safe="~"), quote(value, safe="~")) for name, value in query)
    signed = _joined(headers)
    return "\n".join(
        (
            method,
            quote(path, safe="/~"),
            "&".join(f"{name}={value}" for name, value in pairs),
            "".join(f"{name}:{signed[name]}\n" for name in sorted(signed)),
            ";".join(sorted(signed)),
            hashlib.sha256(body).hexdigest(),
        )
    )


def authorization(key: AwsKey, scope: Scope, canonical: str, date: str, signed_headers: Iterable[str]) -> str:
    """Return the value of the Authorization header for a canonical request; `date` is the X-Amz-Date that is sent."""
    to_sign = "\n".join((ALGORITHM, date, scope.on(date), hashlib.sha256(canonical.encode()).hexdigest()))
    signing_key = reduce(_hmac, scope.on(date).split("/"), f"AWS4{key.secret_access_key}".encode())
    names = ";".join(sorted({name.lower() for name in signed_headers}))
    return (
        f"{ALGORITHM} Credential={key.access_key_id}/{scope.on(date)}, SignedHeaders={names}, "
        f"Signature={_hmac(signing_key, to_sign).hex()}"
    )


class SigV4Auth(httpx.Auth):
    """Authentication for httpx that signs each request just before httpx sends it."""

    requires_request_body = True

    def __init__(self, key: AwsKey, scope: Scope, now: Callable[[], datetime] = utc_now) -> None:
        self._key = key
        self._scope = scope
        self._now = now

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add X-Amz-Date, Authorization and, for a key with a session token, X-Amz-Security-Token."""
        date = self._now().strftime(_DATE_FORMAT)
        request.headers["X-Amz-Date"] = date
        if self._key.session_token:
            request.headers["X-Amz-Security-Token"] = self._key.session_token
        headers = [(name, request.headers[name]) for name in _SIGNED if name in request.headers]
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        pairs = parse_qsl(query, keep_blank_values=True)
        canonical = canonical_request(request.method, path, pairs, headers, request.content)
        names = (name for name, _ in headers)
        request.headers["Authorization"] = authorization(self._key, self._scope, canonical, date, names)
        yield request


def _joined(headers: Pairs) -> dict[str, str]:
    joined: dict[str, list[str]] = {}
    for name, value in headers:
        joined.setdefault(name.lower(), []).append(" ".join(value.split()))
    return {name: ",".join(values) for name, values in joined.items()}


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
