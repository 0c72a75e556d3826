"""The stand-in's verifier against the official signer's vectors, and against forgeries."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.standin.accounts import Account
from local.standin.messages import Call
from local.standin.refusals import RefusalError
from local.standin.verification import canonical_request, parse_authorization, string_to_sign, verify
from tests.support.servers.probe import with_authorization

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "data" / "signing_vectors.json").read_text(encoding="utf-8")
)["vectors"]
NOW = datetime(2026, 1, 15, 8, 30, 45, tzinfo=UTC)
ACCOUNTS = {"KEY": Account("secret")}


def vector_call(vector: dict[str, Any]) -> Call:
    return Call(
        method=vector["method"],
        target=vector["expected"]["uri"],
        headers=tuple(vector["expected"]["headers_after_signing"].items()),
        body=(vector["body"] or "").encode(),
    )


def signed_call(target: str = "/v2/p/export-tasks", body: bytes = b"", method: str = "GET", **headers: str) -> Call:
    sent = {"Host": "vendor.invalid", "X-Sdk-Date": "20260115T083045Z"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    call = Call(method=method, target=target, headers=tuple(sent.items()), body=body)
    return with_authorization(call, "KEY", "secret")


def refusal(call: Call, now: datetime = NOW) -> RefusalError:
    with pytest.raises(RefusalError) as caught:
        verify(call, ACCOUNTS, now)
    return caught.value


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_an_official_vector_is_accepted_and_agrees_at_every_step(vector: dict[str, Any]) -> None:
    call, expected = vector_call(vector), vector["expected"]
    canonical = canonical_request(call, expected["signed_headers"])
    assert canonical == expected["canonical_request"]
    assert string_to_sign(vector["x_sdk_date"], canonical) == expected["string_to_sign"]
    verify(call, {vector["ak"]: Account(vector["sk"], vector["security_token"])}, NOW)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_an_official_vector_with_another_secret_is_refused(vector: dict[str, Any]) -> None:
    accounts = {vector["ak"]: Account(vector["sk"] + "x", vector["security_token"])}
    with pytest.raises(RefusalError, match="verify aksk signature fail"):
        verify(vector_call(vector), accounts, NOW)


@pytest.mark.parametrize(
    "forged",
    [
        replace(signed_call(), method="POST"),
        replace(signed_call(), target="/v2/q/export-tasks"),
        replace(signed_call(), target="/v2/p/export-tasks?limit=1"),
        replace(signed_call(), body=b"{}"),
    ],
    ids=["method", "path", "query", "body"],
)
def test_a_call_changed_after_signing_is_refused(forged: Call) -> None:
    assert refusal(forged).code == "APIGW.0301"


@pytest.mark.parametrize("name", ["Host", "X-Sdk-Date", "X-Project-Id", "X-Security-Token"])
def test_a_header_that_must_be_signed_may_not_go_unsigned(name: str) -> None:
    call = signed_call()
    kept = tuple(header for header in call.headers if header[0] not in (name, "Authorization"))
    resigned = with_authorization(replace(call, headers=kept), "KEY", "secret")
    smuggled = replace(resigned, headers=((name, dict(call.headers).get(name, "p")), *resigned.headers))
    assert f"header {name.lower()} is not signed" in str(refusal(smuggled))


def test_a_signed_header_sent_twice_is_refused() -> None:
    call = signed_call()
    assert "exactly once" in str(refusal(replace(call, headers=(*call.headers, ("host", "other.invalid")))))


@pytest.mark.parametrize("minutes", [-15, 15])
def test_a_date_fifteen_minutes_off_is_still_good(minutes: int) -> None:
    verify(signed_call(), ACCOUNTS, NOW + timedelta(minutes=minutes))


@pytest.mark.parametrize("seconds", [-901, 901])
def test_a_date_more_than_fifteen_minutes_off_is_called_skew(seconds: int) -> None:
    skewed = refusal(signed_call(), NOW + timedelta(seconds=seconds))
    assert (skewed.status, skewed.code) == (401, "APIGW.0303")
    assert "15 minutes" in str(skewed)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "SDK-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=KEY, SignedHeaders=host, Signature=" + "0" * 64,
        "SDK-HMAC-SHA256 Access=KEY, SignedHeaders=x-sdk-date;host, Signature=" + "0" * 64,
        "SDK-HMAC-SHA256 Access=KEY, SignedHeaders=host;host, Signature=" + "0" * 64,
    ],
)
def test_a_malformed_authorization_is_refused(header: str) -> None:
    with pytest.raises(RefusalError) as caught:
        parse_authorization(header)
    assert caught.value.code == "APIGW.0301"


def test_a_malformed_date_is_refused() -> None:
    call = replace(signed_call(), headers=(("Host", "vendor.invalid"), ("X-Sdk-Date", "2026-01-15T08:30:45Z")))
    assert "x-sdk-date is malformed" in str(refusal(with_authorization(call, "KEY", "secret")))


def test_a_security_token_with_a_permanent_key_is_refused() -> None:
    assert "security token" in str(refusal(signed_call(X_Security_Token="stray")))


def test_an_unsigned_payload_is_accepted_when_it_says_so() -> None:
    verify(signed_call(method="POST", body=b"<x/>", X_Sdk_Content_Sha256="UNSIGNED-PAYLOAD"), ACCOUNTS, NOW)


def test_a_wrong_payload_digest_is_refused() -> None:
    call = signed_call(method="POST", body=b"{}")
    lying = (*[header for header in call.headers if header[0] != "Authorization"], ("X-Sdk-Content-Sha256", "0" * 64))
    with pytest.raises(RefusalError, match="does not match the body"):
        with_authorization(replace(call, headers=lying), "KEY", "secret")


def escaped(text: str) -> str:
    """Spell every byte as an escape, in lower-case hex, as no ordinary client would."""
    return "".join(f"%{byte:02x}" for byte in text.encode())


@given(st.text(min_size=1), st.text(min_size=1), st.text())
def test_a_signature_covers_what_the_target_means_and_not_how_it_is_spelled(
    segment: str, name: str, value: str
) -> None:
    plain = signed_call(f"/v2/{quote(segment, safe='')}?{quote(name, safe='')}={quote(value, safe='')}")
    verify(replace(plain, target=f"/v2/{escaped(segment)}?{escaped(name)}={escaped(value)}"), ACCOUNTS, NOW)
