"""Request signature of the vendor, SDK-HMAC-SHA256.

The signature is close to AWS's SigV4, with four differences. The path is decoded before it is encoded. It always ends
in a slash, but in the signed form only. The secret signs directly, without a derived key. Inner spaces of headers stay.
Vectors from the official signer in tests/data/signing_vectors.json prove the implementation.
"""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime
from urllib.parse import quote, unquote

import httpx

from workspace_exports.client.credentials import AccessKey

ALGORITHM = "SDK-HMAC-SHA256"
_DATE_FORMAT = "%Y%m%dT%H%M%SZ"
_SIGNED = ("content-type", "host", "x-project-id", "x-sdk-date", "x-security-token")

Pairs = Iterable[tuple[str, str]]


def encode_query(pairs: Pairs) -> str:
    """Return the query as it is signed and sent: sorted, spaces as %20, only A-Z a-z 0-9 - . _ ~ kept.

    httpx's own `params=` would write spaces as plus signs, and the signature would not match.
    """
    return "&".join(f"{_encode(name)}={_encode(value)}" for name, value in sorted(pairs))


def canonical_request(method: str, path: str, query: Pairs, headers: Pairs, body: bytes) -> str:
    """Return the text whose digest is signed.

    Args:
        method: the HTTP verb.
        path: raw or percent-encoded, as on the request line.
        query: decoded names and values.
        headers: the headers to sign, in any order and case.
        body: the bytes as sent.
    """
    segments = "/".join(_encode(segment) for segment in unquote(path).split("/"))
    signed = sorted((name.lower(), value.strip()) for name, value in headers)
    return "\n".join(
        (
            method.upper(),
            segments if segments.endswith("/") else f"{segments}/",
            encode_query(query),
            "".join(f"{name}:{value}\n" for name, value in signed),
            ";".join(name for name, _ in signed),
            hashlib.sha256(body).hexdigest(),
        )
    )


def authorization(key: AccessKey, canonical: str, date: str, signed_headers: Iterable[str]) -> str:
    """Return the value of the Authorization header for a canonical request; `date` is X-Sdk-Date as sent."""
    to_sign = "\n".join((ALGORITHM, date, hashlib.sha256(canonical.encode()).hexdigest()))
    signature = hmac.new(key.secret_key.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    names = ";".join(sorted(name.lower() for name in signed_headers))
    return f"{ALGORITHM} Access={key.access_key}, SignedHeaders={names}, Signature={signature}"


def sign(request: httpx.Request, key: AccessKey, moment: datetime) -> None:
    """Set X-Sdk-Date, Authorization and, for a key with a security token, X-Security-Token; replace earlier values.

    Only headers that this function or the client sets are signed, so that no other header can break the signature.
    """
    date = moment.strftime(_DATE_FORMAT)
    request.headers["X-Sdk-Date"] = date
    if key.security_token:
        request.headers["X-Security-Token"] = key.security_token
    headers = [(name, request.headers[name]) for name in _SIGNED if name in request.headers]
    path, _, query = request.url.raw_path.decode("ascii").partition("?")
    canonical = canonical_request(request.method, path, _decode_query(query), headers, request.content)
    request.headers["Authorization"] = authorization(key, canonical, date, (name for name, _ in headers))


def _encode(text: str) -> str:
    return quote(text, safe="~")


def _decode_query(query: str) -> list[tuple[str, str]]:
    """Return the decoded names and values; unlike `parse_qsl`, keep plus signs, as the vendor does."""
    pairs = (item.partition("=") for item in query.split("&") if item)
    return [(unquote(name), unquote(value)) for name, _, value in pairs]
