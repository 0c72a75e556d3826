"""Verifying SDK-HMAC-SHA256 from the raw request.

Written from the scheme's description, apart from the product's signer, so that one mistake cannot hide in both.
Three things set it apart from AWS Signature Version 4: the secret key is used directly, the canonical path is decoded
first and always ends in a slash, and spaces inside header values are kept.
"""

import hashlib
import hmac
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote

from local.standin.accounts import Account
from local.standin.messages import Call
from local.standin.refusals import bad_signature, clock_skew

ALGORITHM = "SDK-HMAC-SHA256"
CLOCK_TOLERANCE = timedelta(minutes=15)

_UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
_ALWAYS_SIGNED = frozenset({"host", "x-sdk-date"})
_SIGNED_IF_SENT = frozenset({"x-project-id", "x-domain-id", "x-security-token", "x-sdk-content-sha256"})
_AUTHORIZATION = re.compile(
    rf"{ALGORITHM} Access=(?P<access>[^,\s]+), "
    r"SignedHeaders=(?P<signed>[a-z0-9;-]+), "
    r"Signature=(?P<value>[0-9a-f]{64})"
)


@dataclass(frozen=True)
class Authorization:
    """What the Authorization header declares."""

    access_key: str
    signed_headers: tuple[str, ...]
    signature: str


def parse_authorization(header: str) -> Authorization:
    """Read the header, refusing any other algorithm and any list that is not sorted and unique."""
    match = _AUTHORIZATION.fullmatch(header)
    if match is None:
        raise bad_signature("the Authorization header is malformed")
    signed = tuple(match["signed"].split(";"))
    if list(signed) != sorted(set(signed)):
        raise bad_signature("SignedHeaders must be sorted and unique")
    return Authorization(match["access"], signed, match["value"])


def verify(call: Call, accounts: Mapping[str, Account], now: datetime) -> None:
    """Refuse the call unless its signature is right, complete and recent."""
    authorization = parse_authorization(call.header("Authorization") or "")
    account = accounts.get(authorization.access_key)
    if account is None:
        raise bad_signature("ak not exist")
    _check_completeness(call, authorization.signed_headers)
    _check_clock(call.header("X-Sdk-Date") or "", now)
    _check_security_token(call, account)
    expected = signature(call, authorization.signed_headers, account.secret_key)
    if not hmac.compare_digest(expected, authorization.signature):
        raise bad_signature("verify aksk signature fail")


def signature(call: Call, signed_headers: Collection[str], secret_key: str) -> str:
    """Answer the signature this call ought to carry."""
    message = string_to_sign(call.header("X-Sdk-Date") or "", canonical_request(call, signed_headers))
    return hmac.new(secret_key.encode(), message.encode(), hashlib.sha256).hexdigest()


def string_to_sign(date: str, canonical: str) -> str:
    """Answer what the secret key signs."""
    return f"{ALGORITHM}\n{date}\n{hashlib.sha256(canonical.encode()).hexdigest()}"


def canonical_request(call: Call, signed_headers: Collection[str]) -> str:
    """Answer the call in the one form on which both sides must agree."""
    names = sorted(signed_headers)
    headers = "".join(f"{name}:{(call.header(name) or '').strip()}\n" for name in names)
    parts = (call.method.upper(), _canonical_path(call), _canonical_query(call), headers, ";".join(names))
    return "\n".join((*parts, _payload_hash(call)))


def _canonical_path(call: Call) -> str:
    path = "/".join(quote(segment, safe="~") for segment in unquote(call.path).split("/"))
    return path if path.endswith("/") else f"{path}/"


def _canonical_query(call: Call) -> str:
    return "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in sorted(call.query))


def _payload_hash(call: Call) -> str:
    declared = call.header("X-Sdk-Content-Sha256")
    if declared == _UNSIGNED_PAYLOAD and call.body:
        return _UNSIGNED_PAYLOAD
    actual = hashlib.sha256(call.body).hexdigest()
    if declared not in (None, _UNSIGNED_PAYLOAD, actual):
        raise bad_signature("x-sdk-content-sha256 does not match the body")
    return actual


def _check_completeness(call: Call, signed_headers: Collection[str]) -> None:
    sent = [name.lower() for name, _ in call.headers]
    for name in sorted((_ALWAYS_SIGNED | (_SIGNED_IF_SENT & set(sent))) - set(signed_headers)):
        raise bad_signature(f"header {name} is not signed")
    for name in signed_headers:
        if sent.count(name) != 1:
            raise bad_signature(f"signed header {name} must be sent exactly once")


def _check_clock(date: str, now: datetime) -> None:
    try:
        signed_at = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise bad_signature("x-sdk-date is malformed") from error
    if abs(now - signed_at) > CLOCK_TOLERANCE:
        raise clock_skew(CLOCK_TOLERANCE)


def _check_security_token(call: Call, account: Account) -> None:
    sent = call.header("X-Security-Token") or ""
    if not hmac.compare_digest(sent.encode(), (account.security_token or "").encode()):
        raise bad_signature("the security token does not belong to the access key")
