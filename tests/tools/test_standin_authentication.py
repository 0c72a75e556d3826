"""Keys, temporary keys, tokens and the lock, over real HTTP."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from local.standin.accounts import (
    DEMO_ACCESS_KEY,
    DEMO_DOMAIN_NAME,
    DEMO_PASSWORD,
    DEMO_PROJECT_ID,
    DEMO_REGION,
    DEMO_SECRET_KEY,
    DEMO_USER_NAME,
    Account,
)
from local.standin.clock import SettableClock
from local.standin.ledger import REDACTED
from local.standin.server import VendorStandIn
from tests.support.servers.probe import Probe

START = datetime(2026, 11, 20, 10, 30, 0, tzinfo=UTC)
LIST = f"/v2/{DEMO_PROJECT_ID}/export-tasks"
TEMPORARY = Account("temporary-secret-invented", security_token="security-token-invented")


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(START)


@pytest.fixture
def vendor(clock: SettableClock) -> Iterator[VendorStandIn]:
    accounts: dict[str, str | Account] = {DEMO_ACCESS_KEY: DEMO_SECRET_KEY, "TEMPORARY": TEMPORARY}
    with VendorStandIn(clock=clock, accounts=accounts) as running:
        yield running


@pytest.fixture
def probe(vendor: VendorStandIn, clock: SettableClock) -> Iterator[Probe]:
    with Probe(vendor.url, clock=clock) as caller:
        yield caller


def login(password: str = DEMO_PASSWORD, project: str = DEMO_REGION) -> dict[str, Any]:
    user = {"name": DEMO_USER_NAME, "password": password, "domain": {"name": DEMO_DOMAIN_NAME}}
    identity = {"methods": ["password"], "password": {"user": user}}
    return {"auth": {"identity": identity, "scope": {"project": {"name": project}}}}


def reason(answer: httpx.Response) -> tuple[int, str, str]:
    content = answer.json()
    assert content.get("request_id") == answer.headers["X-Request-Id"]
    return answer.status_code, content["error_code"], content["error_msg"]


def test_an_unsigned_call_is_refused(vendor: VendorStandIn, probe: Probe) -> None:
    status, code, text = reason(probe.http.get(vendor.url + LIST))
    assert (status, code) == (401, "APIGW.0301")
    assert text == "Incorrect IAM authentication information: neither a signature nor a token was sent"


def test_a_wrong_secret_is_refused(probe: Probe) -> None:
    probe.account = Account("wrong")
    text = "Incorrect IAM authentication information: verify aksk signature fail"
    assert reason(probe.call("list")) == (401, "APIGW.0301", text)


def test_an_unknown_key_is_refused(probe: Probe) -> None:
    probe.access_key = "STRANGER"
    assert "ak not exist" in reason(probe.call("list"))[2]


def test_a_skewed_clock_is_refused_and_shown_by_the_date_of_the_answer(vendor: VendorStandIn) -> None:
    late = SettableClock(START)
    late.advance(seconds=901)
    with Probe(vendor.url, clock=late) as probe:
        answer = probe.call("list")
    assert reason(answer)[:2] == (401, "APIGW.0303")
    assert answer.headers["Date"] == "Fri, 20 Nov 2026 10:30:00 GMT"


def test_more_than_five_failures_in_a_row_lock_the_key_for_five_minutes(probe: Probe, clock: SettableClock) -> None:
    right, probe.account = probe.account, Account("wrong")
    for _ in range(6):
        assert "verify aksk signature fail" in reason(probe.call("list"))[2]
    probe.account = right
    assert "AK access failed to reach the limit" in reason(probe.call("list"))[2]
    clock.advance(seconds=300)
    assert probe.call("list").status_code == 200


def test_a_success_forgives_earlier_failures(probe: Probe) -> None:
    right, wrong = probe.account, Account("wrong")
    for account in [wrong] * 5 + [right] + [wrong] * 5:
        probe.account = account
        probe.call("list")
    probe.account = right
    assert probe.call("list").status_code == 200


def test_temporary_keys_work_with_their_security_token_only(vendor: VendorStandIn, clock: SettableClock) -> None:
    with Probe(vendor.url, clock=clock, access_key="TEMPORARY", account=TEMPORARY) as probe:
        assert probe.call("list").status_code == 200
        assert dict(vendor.requests[0].headers)["X-Security-Token"] == REDACTED
        probe.account = Account(TEMPORARY.secret_key)
        assert "security token" in reason(probe.call("list"))[2]


def test_the_project_of_a_region_is_found_by_name(probe: Probe) -> None:
    found = probe.call("projects", {"name": DEMO_REGION}).json()["projects"]
    assert [(project["id"], project["name"]) for project in found] == [(DEMO_PROJECT_ID, DEMO_REGION)]
    assert probe.call("projects", {"name": "elsewhere-1"}).json() == {"projects": []}


def test_a_project_lookup_must_be_signed(vendor: VendorStandIn, probe: Probe) -> None:
    assert probe.http.get(f"{vendor.url}/v3/projects").status_code == 401


def test_a_token_opens_the_service_until_it_is_a_day_old(
    vendor: VendorStandIn, probe: Probe, clock: SettableClock
) -> None:
    issued = probe.http.post(f"{vendor.url}/v3/auth/tokens?nocatalog=true", json=login())
    content = issued.json()["token"]
    assert (issued.status_code, content["project"]["id"]) == (201, DEMO_PROJECT_ID)
    assert content["expires_at"] == "2026-11-21T10:30:00.000000Z"
    headers = {"X-Auth-Token": issued.headers["X-Subject-Token"]}
    assert probe.http.get(vendor.url + LIST, headers=headers).status_code == 200
    clock.advance(days=1)
    assert reason(probe.http.get(vendor.url + LIST, headers=headers))[:2] == (401, "APIGW.0307")


def test_an_unknown_token_is_refused(vendor: VendorStandIn, probe: Probe) -> None:
    answer = probe.http.get(vendor.url + LIST, headers={"X-Auth-Token": "invented"})
    assert reason(answer)[:2] == (401, "APIGW.0307")


@pytest.mark.parametrize(
    ("content", "status"),
    [(login(password="wrong"), 401), (login(project="elsewhere-1"), 400), ({"auth": {}}, 400)],
    ids=["password", "project", "shape"],
)
def test_a_bad_login_is_refused_in_the_identity_services_own_shape(
    content: dict[str, Any], status: int, vendor: VendorStandIn, probe: Probe
) -> None:
    answer = probe.http.post(f"{vendor.url}/v3/auth/tokens", json=content)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, status)
    assert answer.headers["X-IAM-Trace-Id"] == answer.headers["X-Request-Id"]


def test_passwords_and_tokens_are_not_recorded(vendor: VendorStandIn, probe: Probe) -> None:
    issued = probe.http.post(f"{vendor.url}/v3/auth/tokens", json=login())
    token = issued.headers["X-Subject-Token"]
    probe.http.get(vendor.url + LIST, headers={"X-Auth-Token": token})
    recorded = repr(vendor.requests) + repr(vendor)
    for secret in (DEMO_PASSWORD, DEMO_SECRET_KEY, token, TEMPORARY.secret_key):
        assert secret not in recorded
