"""The HTTP API of template.yaml, as deployed, on the embedded engine."""

import re
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from botocore.exceptions import ClientError

from local import api
from local.artifact import ROOT, build
from local.engine import DeploymentError, Stack, deploy, executions
from local.engine.polling import poll
from local.standin.accounts import DEMO_REGION
from tests.support.builders.api_clients import anonymous, bearing, signing
from tests.support.fixtures.deployment import Deployment
from tests.support.servers.token_issuer import AUDIENCE, Issuer, publishing
from workspace_exports.core.clock import utc_now
from workspace_exports.exports.windows import LATE_DATA

DAY = ((utc_now() - LATE_DATA).date() - timedelta(days=1)).isoformat()
RECORDS = {"kind": "connection-records", "day": DAY}
ROUTES = [
    ("POST", "/exports"),
    ("GET", "/exports/0f0f0f0f"),
    ("POST", "/exports/0f0f0f0f/file"),
    ("GET", "/coverage"),
    ("POST", "/archive-runs"),
]


def functions_logs(deployment: Deployment) -> list[str]:
    names = [name for logical_id, name in deployment.stack.resources.items() if logical_id.endswith("Function")]
    return [line for name in names for line in deployment.engine.logs(name)]


def runs(deployment: Deployment, stack: Stack) -> list[str]:
    listed = deployment.engine.client("stepfunctions").list_executions(
        stateMachineArn=stack.outputs["ArchiveWorkflowArn"]
    )
    return [execution["executionArn"] for execution in listed["executions"]]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_request_without_a_signature_is_refused_before_any_function(
    method: str, path: str, deployment: Deployment
) -> None:
    before = (len(deployment.vendor.requests), functions_logs(deployment), runs(deployment, deployment.stack))
    with anonymous(deployment.stack) as caller:
        answer = caller.request(method, path, json=RECORDS)
    assert (answer.status_code, answer.json()) == (403, {"message": "Forbidden"})
    assert (len(deployment.vendor.requests), functions_logs(deployment), runs(deployment, deployment.stack)) == before


def test_an_export_is_ordered_and_looked_at(deployment: Deployment) -> None:
    with signing(deployment.stack) as caller:
        ordered = caller.post("/exports", json=RECORDS)
        assert ordered.status_code == 202
        assert ordered.headers["location"] == f"/exports/{ordered.json()['task_id']}"
        looked = caller.get(ordered.headers["location"])
    assert (looked.status_code, looked.json()["status"]) == (200, "SUCCESS")


def test_a_file_is_brought_in_and_opened_by_its_link_alone(deployment: Deployment) -> None:
    with signing(deployment.stack) as caller:
        ordered = caller.post("/exports", json=RECORDS).json()
        fetched = caller.post(f"/exports/{ordered['task_id']}/file")
    assert (fetched.status_code, fetched.json()["archived"]["outcome"]) == (200, "landed")
    link = fetched.json()["download_url"]
    assert httpx.get(link).content == deployment.vendor.report(ordered["task_id"])
    another = httpx.URL(link).copy_with(path=httpx.URL(link).path.replace(".xlsx", ".xls"))
    assert httpx.get(another).status_code == 403
    assert "X-Amz-Signature" not in str(functions_logs(deployment))


def test_the_archive_is_shown_to_programs_and_to_people(deployment: Deployment) -> None:
    with signing(deployment.stack) as caller:
        ordered = caller.post("/exports", json=RECORDS).json()
        caller.post(f"/exports/{ordered['task_id']}/file")
        told = caller.get("/coverage", params={"kind": RECORDS["kind"], "first_day": DAY})
        asked = told.request.url.params
        page = caller.get("/coverage", params=asked, headers={"Accept": "text/html"})
        again = caller.get("/coverage", params=asked, headers={"If-None-Match": told.headers["etag"]})
    assert told.json()["totals"]["archived"] == 1
    assert (page.headers["content-type"], page.headers["content-encoding"]) == ("text/html; charset=utf-8", "gzip")
    assert ordered["task_id"] in page.text
    assert (again.status_code, again.content) == (304, b"")


def test_an_order_that_is_wrong_is_a_problem(deployment: Deployment) -> None:
    with signing(deployment.stack) as caller:
        refused = caller.post("/exports", json={"kind": "logins"})
    assert refused.status_code == 400
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["error"] == "Rejected"


def test_a_run_is_started_and_not_waited_for(deployment: Deployment) -> None:
    with signing(deployment.stack) as caller:
        started = caller.post(
            "/archive-runs", json={"kinds": ["connection-records"], "first_day": DAY, "last_day": DAY}
        )
    assert started.status_code == 202
    run = executions.wait(deployment.engine, started.json()["executionArn"], timeout_seconds=60)
    assert run.status == "SUCCEEDED", run.cause
    assert run.output["planned"] == 1
    assert len([key for key in deployment.landed() if key.startswith("manifests/")]) == 1


def test_a_run_whose_order_is_no_json_does_not_start(deployment: Deployment) -> None:
    before = runs(deployment, deployment.stack)
    with signing(deployment.stack) as caller:
        assert caller.post("/archive-runs", content="kinds").status_code == 400
    assert runs(deployment, deployment.stack) == before


OPENAPI = {"openapi": "3.1.0", "info": {"title": "</script>", "version": "1"}, "servers": [], "paths": {}}


@pytest.fixture(scope="module")
def served(deployed: Deployment) -> Iterator[Stack]:
    """The deployment's stack, its API at an address of its own."""
    with api.serving(deployed.stack.http_url or "", lambda url: OPENAPI | {"servers": [{"url": url}]}) as url:
        yield replace(deployed.stack, http_url=url)


class TestAtAnAddressOfItsOwn:
    """As the demo leaves it to the user."""

    def test_calls_and_answers_pass_through(self, deployment: Deployment, served: Stack) -> None:
        with signing(served) as caller:
            ordered = caller.post("/exports", json=RECORDS)
            assert ordered.status_code == 202
            looked = caller.get(ordered.headers["location"])
        assert (looked.status_code, looked.json()["status"]) == (200, "SUCCESS")
        assert looked.headers.get_list("content-type") == ["application/json"]
        with signing(deployment.stack) as caller:
            again = caller.get(ordered.headers["location"])
        assert again.content == looked.content

    def test_it_is_no_more_open_than_on_aws(self, served: Stack) -> None:
        with anonymous(served) as caller:
            refused = caller.post("/exports", json=RECORDS, headers={"Origin": "https://elsewhere.example.com"})
        assert refused.status_code == 403
        assert not [name for name in refused.headers if name.startswith("access-control-")]

    def test_its_reference_needs_nothing_from_elsewhere(self, served: Stack) -> None:
        with anonymous(served) as caller:
            page, document = caller.get("/docs"), caller.get("/docs", params={"format": "json"})
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert "connect-src 'self'" in page.headers["content-security-policy"]
        markup = re.sub(r"(<(script|style)[^>]*>).*?</\2>", r"\1", page.text, flags=re.DOTALL)
        assert markup.count("<script>") == 2, "a title in the document has ended a script"
        assert not re.search(r"\b(src|href)\s*=|//", markup)
        assert "SwaggerUIBundle" in page.text
        assert document.json() == {**OPENAPI, "servers": [{"url": served.http_url}]}


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issuer]:
    """One whose certificate the engine trusts."""
    certificate = tmp_path_factory.mktemp("issuer") / "issuer.pem"
    with publishing(certificate) as issuer, pytest.MonkeyPatch.context() as trust:
        trust.setenv("SSL_CERT_FILE", str(certificate))
        # From Python 3.12 on the opener keeps the trust of the first request that the process ever made.
        trust.setattr("urllib.request._opener", urllib.request.build_opener())
        yield issuer


def with_tokens(deployment: Deployment, issuer: str, audience: str, name: str) -> Stack:
    """A second stack, whose callers bring tokens."""
    secret = deployment.engine.client("secretsmanager").describe_secret(SecretId="workspace-exports/vendor")["ARN"]
    parameters = {
        "WorkspaceRegion": DEMO_REGION,
        "CredentialsSecretArn": secret,
        "WorkspaceEndpoint": deployment.vendor.url,
        "IamEndpoint": deployment.vendor.url,
        "ScheduleState": "DISABLED",
        "JwtIssuer": issuer,
        "JwtAudience": audience,
    }
    return deploy(deployment.engine, ROOT / "template.yaml", parameters, build(), name=name)


@pytest.fixture(scope="module")
def tokens(deployed: Deployment, issuer: Issuer) -> Iterator[Stack]:
    yield with_tokens(deployed, issuer.url, f"others,{AUDIENCE}", "tokens")
    stacks = deployed.engine.client("cloudformation")
    stacks.delete_stack(StackName="tokens")

    def gone() -> bool | None:
        return "tokens" not in {stack["StackName"] for stack in stacks.describe_stacks()["Stacks"]} or None

    poll(gone, timeout_seconds=30, waiting_for="the end of the stack")


class TestTokens:
    @pytest.mark.parametrize(("method", "path"), ROUTES)
    def test_a_request_without_a_token_is_refused(self, method: str, path: str, tokens: Stack) -> None:
        with anonymous(tokens) as caller:
            assert caller.request(method, path, json=RECORDS).status_code == 401

    def test_a_signature_is_no_token(self, tokens: Stack) -> None:
        with signing(tokens) as caller:
            assert caller.post("/archive-runs", json={}).status_code == 401

    @pytest.mark.parametrize(
        "changed", [{"aud": "somebody-else"}, {"exp": 1}, {"iss": "https://127.0.0.1:9"}], ids=["aud", "exp", "iss"]
    )
    def test_a_token_for_another_audience_or_of_yesterday_is_refused(
        self, changed: dict[str, object], issuer: Issuer, tokens: Stack
    ) -> None:
        with bearing(tokens, issuer.token(**changed)) as caller:
            assert caller.post("/exports", json=RECORDS).status_code == 401

    def test_a_token_lets_a_caller_in(self, issuer: Issuer, tokens: Stack) -> None:
        with bearing(tokens, issuer.token()) as caller:
            refused = caller.post("/exports", json={"kind": "logins"})
            assert (refused.status_code, refused.json().get("error")) == (400, "Rejected"), refused.text
            assert caller.post("/archive-runs", json={"kinds": []}).status_code == 202

    def test_an_issuer_without_an_audience_is_not_deployed(self, deployment: Deployment, issuer: Issuer) -> None:
        with pytest.raises((DeploymentError, ClientError), match="JwtIssuer needs a JwtAudience"):
            with_tokens(deployment, issuer.url, "", "anybody")
