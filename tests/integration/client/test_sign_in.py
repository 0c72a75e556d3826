"""Every way to sign in, against the stand-in, which counts failures as the vendor does and locks a key after five."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import boto3
import httpx
import pytest

from local.faults.connections import DROP_BEFORE_WORK
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
from local.standin.faults.answers import answer, error, throttled
from local.standin.faults.mishaps import Fault, Rewrite
from local.standin.faults.shapes import nulled
from local.standin.server import VendorStandIn
from tests.support.builders.examples import Changing
from tests.support.builders.sign_ins import DEMO_LOGIN, LOGIN, look, sign_in
from tests.support.checks.leaks import CANARIED
from tests.support.fixtures.handlers import Call
from workspace_exports.client.config import ClientConfig
from workspace_exports.client.connections import close_connections, connection, find_project
from workspace_exports.client.credentials import AccessKey, Credentials, Login
from workspace_exports.client.credentials.providers import EnvironmentProvider, SecretProvider
from workspace_exports.client.iam import Iam
from workspace_exports.client.tokens import Tokens
from workspace_exports.core.clock import utc_now
from workspace_exports.core.errors import (
    ExportError,
    Misconfigured,
    Throttled,
    Unauthorized,
    VendorUnavailable,
)

KEY = Credentials(AccessKey(DEMO_ACCESS_KEY, DEMO_SECRET_KEY))
WRONG_KEY = Credentials(AccessKey(DEMO_ACCESS_KEY, "a-wrong-secret"))
WRONG_LOGIN = Credentials(Login(DEMO_USER_NAME, "a-wrong-password", DEMO_DOMAIN_NAME))


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(utc_now())


@pytest.fixture
def vendor(clock: SettableClock) -> Iterator[VendorStandIn]:
    accounts: dict[str, str | Account] = {
        DEMO_ACCESS_KEY: DEMO_SECRET_KEY,
        "TEMPORARY": Account("secret", security_token="token"),
    }
    with VendorStandIn(contents=CANARIED, clock=clock, accounts=accounts, token_lifetime=timedelta(hours=1)) as vendor:
        yield vendor
    close_connections()


def outcomes(vendor: VendorStandIn) -> list[tuple[str | None, int | None]]:
    return [(call.operation, call.status) for call in vendor.requests]


class TestByKey:
    def test_a_temporary_key_is_sent_with_its_token(self, vendor: VendorStandIn) -> None:
        look(sign_in(vendor, EnvironmentProvider(AccessKey("TEMPORARY", "secret", "token"))))
        assert outcomes(vendor) == [("list", 200)] * 2

    def test_a_rotated_key_is_read_once_more_and_costs_one_refusal(self, vendor: VendorStandIn) -> None:
        rotated = Credentials(AccessKey("NEW", "new-secret"))
        way = sign_in(vendor, Changing(KEY, rotated))
        look(way)
        vendor.rotate({"NEW": "new-secret"})
        look(way)
        assert outcomes(vendor)[2:] == [("list", 401), ("list", 200), ("list", 200)]

    def test_a_temporary_key_may_be_followed_by_one_without_a_token(self, vendor: VendorStandIn) -> None:
        look(sign_in(vendor, Changing(Credentials(AccessKey("TEMPORARY", "gone", "token")), KEY)))
        assert outcomes(vendor) == [("list", 401), ("list", 200), ("list", 200)]

    def test_a_key_may_be_followed_by_a_login(self, vendor: VendorStandIn) -> None:
        look(sign_in(vendor, Changing(WRONG_KEY, LOGIN)))
        assert outcomes(vendor) == [("list", 401), ("tokens", 201), ("list", 200), ("list", 200)]

    @pytest.mark.parametrize(
        ("held", "attempts"),
        [((WRONG_KEY, WRONG_KEY), 1), ((WRONG_KEY, Credentials(AccessKey("STRANGER", "s")), KEY), 2)],
        ids=["unchanged", "changed for another wrong one"],
    )
    def test_a_wrong_key_is_tried_once_and_another_wrong_one_once_more(
        self, held: tuple[Credentials, ...], attempts: int, vendor: VendorStandIn
    ) -> None:
        with pytest.raises(Unauthorized, match=r"APIGW\.0301"):
            look(sign_in(vendor, Changing(*held)))
        assert outcomes(vendor) == [("list", 401)] * attempts

    def test_a_refusal_other_than_401_is_no_reason_to_read_again(self, vendor: VendorStandIn) -> None:
        vendor.script("list", error(403, "APIGW.0302", "no"))
        with pytest.raises(Unauthorized):
            look(sign_in(vendor, Changing(KEY)))
        assert len(vendor.requests) == 1

    def test_a_source_that_is_away_lets_the_refusal_stand(self, vendor: VendorStandIn) -> None:
        with pytest.raises(Unauthorized):
            look(sign_in(vendor, Changing(WRONG_KEY, Throttled("AWS is throttling"))))
        assert len(vendor.requests) == 1

    def test_a_body_is_sent_again_as_it_was(self, vendor: VendorStandIn) -> None:
        http = connection(sign_in(vendor, Changing(WRONG_KEY, KEY))).http
        path = f"/v2/{DEMO_PROJECT_ID}/export-tasks/batch-delete"
        sent = http.post(path, content=b'{"task_ids": ["a"]}', headers={"Content-Type": "application/json"})
        assert sent.status_code == 200
        assert [call.body for call in vendor.requests] == [b'{"task_ids": ["a"]}'] * 2

    def test_a_clock_that_is_off_is_named(self, vendor: VendorStandIn, clock: SettableClock) -> None:
        clock.advance(seconds=-17 * 60 - 5)
        with pytest.raises(Unauthorized, match="the clock here is 17 minutes ahead of the vendor's"):
            look(sign_in(vendor, EnvironmentProvider(AccessKey(DEMO_ACCESS_KEY, DEMO_SECRET_KEY))))
        assert len(vendor.requests) == 1


class TestByPassword:
    def test_one_token_serves_many_calls(self, vendor: VendorStandIn) -> None:
        way = sign_in(vendor, Changing(LOGIN))
        look(way)
        look(way)
        assert outcomes(vendor) == [("tokens", 201)] + [("list", 200)] * 4
        (asked,) = vendor.calls("tokens")
        assert asked.target == "/v3/auth/tokens?nocatalog=true"

    def test_a_token_the_vendor_no_longer_takes_is_renewed_once(
        self, vendor: VendorStandIn, clock: SettableClock
    ) -> None:
        way = sign_in(vendor, Changing(LOGIN))
        look(way)
        clock.advance(seconds=3600)
        look(way)
        assert outcomes(vendor)[3:] == [("list", 401), ("tokens", 201), ("list", 200), ("list", 200)]

    @pytest.mark.parametrize("code", ["APIGW.0307", "APIG.0307"])
    def test_a_token_that_is_stale_at_birth_is_not_renewed_for_ever(self, code: str, vendor: VendorStandIn) -> None:
        stale = error(401, code, "The token must be updated")
        vendor.script("list", stale, stale)
        with pytest.raises(Unauthorized, match=code):
            look(sign_in(vendor, Changing(LOGIN)))
        assert outcomes(vendor) == [("tokens", 201), ("list", 401), ("tokens", 201), ("list", 401)]

    def test_another_refusal_renews_no_token(self, vendor: VendorStandIn) -> None:
        vendor.script("list", error(401, "APIGW.0301", "no"))
        with pytest.raises(Unauthorized, match=r"APIGW\.0301"):
            look(sign_in(vendor, Changing(LOGIN, LOGIN)))
        assert outcomes(vendor) == [("tokens", 201), ("list", 401)]

    def test_one_that_ended_when_time_began_is_renewed_too(self, vendor: VendorStandIn) -> None:
        body = b'{"token": {"expires_at": "0001-01-01T00:00:00Z", "project": {"id": "p"}}}'
        vendor.script("tokens", *[answer(201, body, {"X-Subject-Token": "t"})] * 2)
        with httpx.Client() as http:
            tokens = Tokens(Iam(http, vendor.url, DEMO_REGION), None)
            tokens.token(DEMO_LOGIN)
            tokens.token(DEMO_LOGIN)
        assert vendor.pending_faults == {}

    def test_it_is_renewed_shortly_before_its_end(self, vendor: VendorStandIn, clock: SettableClock) -> None:
        with httpx.Client() as http:
            tokens = Tokens(Iam(http, vendor.url, DEMO_REGION), None, now=clock)
            first = tokens.token(DEMO_LOGIN)
            clock.advance(seconds=54 * 60)
            assert tokens.token(DEMO_LOGIN) is first
            clock.advance(seconds=2 * 60)
            assert tokens.token(DEMO_LOGIN) is not first
        assert first.value not in repr(first)

    def test_a_wrong_password_is_tried_once(self, vendor: VendorStandIn) -> None:
        with pytest.raises(Unauthorized, match="Could not sign in"):
            look(sign_in(vendor, Changing(WRONG_LOGIN, WRONG_LOGIN)))
        assert outcomes(vendor) == [("tokens", 401)]

    def test_a_changed_password_is_read_once_more(self, vendor: VendorStandIn) -> None:
        look(sign_in(vendor, Changing(WRONG_LOGIN, LOGIN)))
        assert outcomes(vendor) == [("tokens", 401), ("tokens", 201), ("list", 200), ("list", 200)]

    @pytest.mark.parametrize(
        ("fault", "error_class", "says"),
        [
            (throttled(), Throttled, "Could not sign in"),
            (DROP_BEFORE_WORK, VendorUnavailable, "Could not sign in: no answer from the vendor's identity service"),
            (answer(302, headers={"Location": "https://example.com"}), VendorUnavailable, "never followed"),
            (answer(201, b"{}", headers={"X-Subject-Token": "t"}), VendorUnavailable, "holds no token"),
            (answer(201, b"<html>"), VendorUnavailable, "holds no token"),
            (Rewrite(nulled), VendorUnavailable, "holds no token"),
        ],
        ids=["throttled", "dropped", "redirected", "no body", "no json", "no id"],
    )
    def test_what_goes_wrong_on_the_way_in_says_so(
        self, fault: Fault, error_class: type[ExportError], says: str, vendor: VendorStandIn
    ) -> None:
        vendor.script("tokens", fault)
        with pytest.raises(error_class, match=says):
            look(sign_in(vendor, Changing(LOGIN)))
        assert len(vendor.requests) == 1


class TestTheProject:
    def test_is_looked_up_once_by_region(self, vendor: VendorStandIn) -> None:
        way = sign_in(vendor, Changing(KEY), project_id=None)
        assert find_project(way) == connection(way).project_id == DEMO_PROJECT_ID
        (call,) = vendor.requests
        assert (call.method, call.target, call.status) == ("GET", f"/v3/projects?name={DEMO_REGION}", 200)
        assert "x-project-id" not in {name.lower() for name, _ in call.headers}

    def test_is_known_beside_the_credentials(self, vendor: VendorStandIn) -> None:
        beside = Credentials(KEY.identity, "beside")
        assert find_project(sign_in(vendor, Changing(beside), project_id=None)) == "beside"
        assert find_project(sign_in(vendor, Changing(beside), project_id="asked-for")) == "asked-for"
        assert vendor.requests == ()

    def test_of_a_login_stands_in_its_token(self, vendor: VendorStandIn) -> None:
        way = sign_in(vendor, Changing(LOGIN), project_id=None)
        assert find_project(way) == DEMO_PROJECT_ID
        look(way)
        assert outcomes(vendor) == [("tokens", 201), ("list", 200), ("list", 200)]

    def test_of_a_login_is_found_with_a_changed_password_too(self, vendor: VendorStandIn) -> None:
        assert find_project(sign_in(vendor, Changing(WRONG_LOGIN, LOGIN), project_id=None)) == DEMO_PROJECT_ID
        assert outcomes(vendor) == [("tokens", 401), ("tokens", 201)]

    def test_is_looked_up_where_the_profile_says(self, vendor: VendorStandIn) -> None:
        source = Changing(Credentials(KEY.identity, iam_endpoint=vendor.url))
        way = ClientConfig(DEMO_REGION, "https://workspace.example", None, source)
        assert find_project(way) == DEMO_PROJECT_ID

    def test_a_rotated_key_is_read_once_more_here_too(self, vendor: VendorStandIn) -> None:
        assert find_project(sign_in(vendor, Changing(WRONG_KEY, KEY), project_id=None)) == DEMO_PROJECT_ID
        assert outcomes(vendor) == [("projects", 401), ("projects", 200)]

    @pytest.mark.parametrize(
        ("ids", "says"),
        [
            ([], f"names no project for {DEMO_REGION}"),
            (["a", "b"], r"names 2 projects \(a, b\).*\sSet HUAWEICLOUD_SDK_PROJECT_ID"),
            (["../p"], "names 1 projects"),
        ],
        ids=["none", "several", "no id"],
    )
    def test_is_never_guessed(self, ids: list[str], says: str, vendor: VendorStandIn) -> None:
        body = json.dumps({"projects": [{"id": project} for project in ids]}).encode()
        vendor.script("projects", answer(200, body))
        with pytest.raises(Misconfigured, match=says):
            find_project(sign_in(vendor, Changing(KEY), project_id=None))

    @pytest.mark.parametrize(
        "body",
        [b"{}", b"[]", b"<html>", b'{"projects": [{"id": null}]}', b'{"projects": [{"id": 7}]}'],
        ids=["nothing", "a list", "a page", "a null for an id", "a number for an id"],
    )
    def test_an_answer_of_another_shape_is_told(self, body: bytes, vendor: VendorStandIn) -> None:
        vendor.script("projects", answer(200, body))
        with pytest.raises(VendorUnavailable, match="holds no projects"):
            find_project(sign_in(vendor, Changing(KEY), project_id=None))


class TestTheSecret:
    """Through the handlers, with moto's Secrets Manager: what template.yaml sets up."""

    @pytest.fixture
    def secrets(self, s3_endpoint: str, environment: pytest.MonkeyPatch) -> Iterator[Any]:
        role = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_ENDPOINT_URL": s3_endpoint}
        for name, value in role.items():
            environment.setenv(name, value)
        client = boto3.client("secretsmanager", endpoint_url=s3_endpoint, region_name="us-east-1")
        yield client
        client.close()

    @pytest.fixture
    def secret(
        self, secrets: Any, environment: pytest.MonkeyPatch, vendor: VendorStandIn, request: pytest.FixtureRequest
    ) -> SimpleNamespace:
        """The secret's ARN, and a way to put another text into it."""
        name = request.node.nodeid.replace("[", "-").replace("]", "")[-100:].replace(":", "_")
        arn = secrets.create_secret(Name=name, SecretString="{}")["ARN"]
        for variable in ("HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK", "HUAWEICLOUD_SDK_PROJECT_ID"):
            environment.delenv(variable)
        environment.setenv("WORKSPACE_CREDENTIALS_SECRET_ARN", arn)
        environment.setenv("IAM_ENDPOINT", vendor.url)
        return SimpleNamespace(
            arn=arn, put=lambda **text: secrets.put_secret_value(SecretId=arn, SecretString=json.dumps(text))
        )

    day = (utc_now().date() - timedelta(days=1)).isoformat()
    pytestmark = pytest.mark.parametrize("archive_url", ["folder"], indirect=True)

    def test_a_key_in_it_serves_the_whole_chain_and_its_rotation_costs_one_refusal(
        self, secret: SimpleNamespace, vendor: VendorStandIn, start: Call, poll: Call, clock: SettableClock
    ) -> None:
        secret.put(access_key=DEMO_ACCESS_KEY, secret_key=DEMO_SECRET_KEY)
        ordered = start(kind="connection-records", day=self.day)
        assert ordered["project_id"] == DEMO_PROJECT_ID

        vendor.rotate({"NEW": "new-secret"})
        secret.put(access_key="NEW", secret_key="new-secret")
        clock.advance(seconds=5)
        assert poll(**ordered)["status"] == "SUCCESS"
        assert outcomes(vendor).count(("list", 401)) == 1

    def test_a_login_in_it_serves_as_well(
        self,
        secret: SimpleNamespace,
        vendor: VendorStandIn,
        start: Call,
        planned: Callable[..., list[dict[str, Any]]],
    ) -> None:
        secret.put(user_name=DEMO_USER_NAME, password=DEMO_PASSWORD, domain_name=DEMO_DOMAIN_NAME)
        assert start(kind="connection-records", day=self.day)["project_id"] == DEMO_PROJECT_ID
        (missing,) = planned(kinds=["connection-records"], first_day=self.day, last_day=self.day)
        assert missing["export"]["project_id"] == DEMO_PROJECT_ID

    def test_no_secret_is_shown_whatever_happens(
        self, secret: SimpleNamespace, vendor: VendorStandIn, start: Call, capfd: pytest.CaptureFixture[str]
    ) -> None:
        shown = []
        for text in (
            {"user_name": "u", "password": "canary", "domain_name": "d"},
            {"access_key": "a", "secret_key": "canary", "security_token": "canary"},
            {"access_key": "a", "secret_key": "canary", "canary-": "canary"},
        ):
            secret.put(**text)
            close_connections()
            with pytest.raises(ExportError) as caught:
                start(kind="connection-records", day=self.day)
            chain = (caught.value, caught.value.__cause__, caught.value.__context__)
            shown += [f"{error} {error!r} {vars(error) if error else ''}" for error in chain]
        shown += [repr(SecretProvider(secret.arn)), *capfd.readouterr()]
        assert "canary" not in str(shown)
