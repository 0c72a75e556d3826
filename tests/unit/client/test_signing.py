"""The signature, held against vectors that the official signer produced."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workspace_exports.client.credentials import AccessKey
from workspace_exports.client.signing import authorization, canonical_request, encode_query, sign

VECTORS = json.loads((Path(__file__).parents[2] / "data" / "signing_vectors.json").read_text(encoding="utf-8"))[
    "vectors"
]
CORE = [vector for vector in VECTORS if vector["class"] == "core"]
KEY = AccessKey("EXAMPLEAK0123456789A", "ExampleSecretKey0123456789abcdefghijKLMN")


def pairs_of(query: list[tuple[str, Any]]) -> list[tuple[str, str]]:
    """The vectors hold typed values and lists, as the official SDK takes them."""
    return [
        (name, str(item).lower() if isinstance(item, bool) else str(item))
        for name, value in query
        for item in (value if isinstance(value, list) else [value])
    ]


@pytest.mark.parametrize("vector", CORE, ids=lambda vector: vector["name"])
def test_matches_the_official_signer(vector: dict[str, Any]) -> None:
    expected = vector["expected"]
    sent = expected["headers_after_signing"]
    headers = [(name, sent[name]) for name in sent if name.lower() in expected["signed_headers"]]
    body = base64.b64decode(vector["body_b64"] or "")

    canonical = canonical_request(vector["method"], vector["path"], pairs_of(vector["query"]), headers, body)
    key = AccessKey(vector["ak"], vector["sk"])

    assert canonical == expected["canonical_request"]
    assert authorization(key, canonical, vector["x_sdk_date"], expected["signed_headers"]) == expected["authorization"]


@pytest.mark.parametrize("vector", [v for v in CORE if v["query"]], ids=lambda vector: vector["name"])
def test_puts_the_query_on_the_wire_as_the_official_sdk_does(vector: dict[str, Any]) -> None:
    assert encode_query(pairs_of(vector["query"])) == vector["expected"]["uri"].partition("?")[2]


def signed(request: httpx.Request, key: AccessKey = KEY) -> httpx.Request:
    sign(request, key, datetime(2026, 1, 15, 8, 30, 45, tzinfo=UTC))
    return request


def test_signs_only_what_it_sets_so_that_nothing_on_the_way_can_break_it() -> None:
    request = signed(httpx.Request("GET", "https://example.com/v2/p/export-tasks", headers={"X-Project-Id": "p"}))
    assert "SignedHeaders=host;x-project-id;x-sdk-date," in request.headers["Authorization"]
    assert request.headers["X-Sdk-Date"] == "20260115T083045Z"


def test_a_security_token_is_sent_and_signed() -> None:
    request = signed(httpx.Request("GET", "https://example.com/"), AccessKey("ak", "sk", "token"))
    assert request.headers["X-Security-Token"] == "token"
    assert "x-security-token" in request.headers["Authorization"]


def test_the_secrets_are_in_no_repr() -> None:
    assert "very secret" not in repr(AccessKey("ak", "very secret", "very secret"))


@given(st.lists(st.tuples(st.text(min_size=1), st.text()), max_size=5))
def test_what_is_signed_is_what_is_on_the_wire_whatever_the_values_hold(pairs: list[tuple[str, str]]) -> None:
    pairs = [(n.encode("utf-8", "replace").decode(), v.encode("utf-8", "replace").decode()) for n, v in pairs]
    query = encode_query(pairs)
    request = signed(httpx.Request("GET", f"https://example.com/a?{query}" if query else "https://example.com/a"))
    headers = [("host", "example.com"), ("x-sdk-date", "20260115T083045Z")]
    canonical = canonical_request("GET", "/a", pairs, headers, b"")
    expected = authorization(KEY, canonical, "20260115T083045Z", ["host", "x-sdk-date"])
    assert request.headers["Authorization"] == expected
    assert request.url.raw_path.decode().partition("?")[2] == query
