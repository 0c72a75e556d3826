"""Signature Version 4, held against AWS's published test suite."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from workspace_exports.aws.sigv4 import AwsKey, Scope, SigV4Auth, authorization, canonical_request

SUITE = json.loads((Path(__file__).parents[2] / "data" / "sigv4_vectors.json").read_text(encoding="utf-8"))
KEY = AwsKey(SUITE["access_key_id"], SUITE["secret_access_key"])
SCOPE = Scope(SUITE["region"], SUITE["service"])
AT = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)


def expected(vector: dict[str, Any]) -> str:
    return (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        f"SignedHeaders={vector['signed_headers']}, Signature={vector['signature']}"
    )


@pytest.mark.parametrize("vector", SUITE["vectors"], ids=lambda vector: vector["name"])
def test_matches_the_published_suite(vector: dict[str, Any]) -> None:
    headers = vector["headers"]
    canonical = canonical_request(
        vector["method"], vector["path"], vector["query"], headers, vector["body"].encode("utf-8")
    )
    assert authorization(KEY, SCOPE, canonical, SUITE["date"], (name for name, _ in headers)) == expected(vector)


def vector(name: str) -> dict[str, Any]:
    (found,) = (vector for vector in SUITE["vectors"] if vector["name"] == name)
    return dict(found)


def signed(request: httpx.Request, key: AwsKey = KEY) -> httpx.Request:
    return next(SigV4Auth(key, SCOPE, now=lambda: AT).auth_flow(request))


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("get-vanilla", "https://example.amazonaws.com/"),
        ("get-vanilla-query-order-key-case", "https://example.amazonaws.com/?Param2=value2&Param1=value1"),
        ("get-vanilla-utf8-query", "https://example.amazonaws.com/?ሴ=bar"),
    ],
)
def test_a_request_is_signed_as_it_goes_on_the_wire(name: str, url: str) -> None:
    assert signed(httpx.Request("GET", url)).headers["Authorization"] == expected(vector(name))


def test_a_session_token_is_sent_and_signed() -> None:
    known = vector("get-vanilla-with-session-token")
    (token,) = (value for name, value in known["headers"] if name == "X-Amz-Security-Token")
    key = AwsKey(KEY.access_key_id, KEY.secret_access_key, token)
    request = signed(httpx.Request("GET", "https://example.amazonaws.com/"), key)
    assert request.headers["X-Amz-Security-Token"] == token
    assert request.headers["Authorization"] == expected(known)


def test_the_secrets_are_in_no_repr() -> None:
    assert "very secret" not in repr(AwsKey("key", "very secret", "very secret"))
