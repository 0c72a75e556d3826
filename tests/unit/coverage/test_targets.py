"""Which projects there are, how each is signed in to, and what a wrong list of them says."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest

from functions.plan_archive.app import PlanArchiveSettings
from functions.start_export.app import StartExportSettings
from tests.support.builders.examples import NOW
from workspace_exports.client.config import ClientConfig
from workspace_exports.client.credentials import AccessKey
from workspace_exports.client.credentials.providers import EnvironmentProvider, SecretProvider
from workspace_exports.client.regions import DOMAINS, REGIONS
from workspace_exports.core.errors import Misconfigured, Rejected
from workspace_exports.coverage.plans import PlanRequest, asked_for
from workspace_exports.coverage.targets import KEPT_FOR, Series, Surroundings, Target, Targets
from workspace_exports.exports import EXPORTS
from workspace_exports.storage.store import Store, open_store

OWN = "http://127.0.0.1:8080"
SURROUNDINGS = Surroundings(REGIONS, DOMAINS, frozenset({OWN}))
ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:targets/p2-AbCdEf"
NUMBERS = count()


def parsed(*targets: Any) -> tuple[Target, ...]:
    return Targets.parse(json.dumps({"targets": targets}).encode(), SURROUNDINGS).targets


def refused(content: bytes) -> str:
    with pytest.raises(Misconfigured) as caught:
        Targets.parse(content, SURROUNDINGS)
    assert "Fix targets.json" in str(caught.value)
    return caught.value.what


class TestTheFile:
    def test_everything_but_the_project_may_be_left_out(self) -> None:
        (bare,), (null,) = parsed({"project_id": "p"}), parsed({"project_id": "p", "region": None, "endpoint": None})
        assert bare == null == Target(project_id="p")
        assert {one.kind for one in bare.series()} == {k for k, export in EXPORTS.items() if export.window.has_days}

    def test_a_target_has_the_kinds_and_filters_it_names(self) -> None:
        filters = {"user-usage": {"username": "a"}}
        (target,) = parsed(
            {"project_id": "p", "kinds": ["user-usage", "desktop-usage", "user-usage"], "filters": filters}
        )
        assert target.series() == [Series("user-usage", "p", {"username": "a"}), Series("desktop-usage", "p")]

    @pytest.mark.parametrize(
        "endpoint",
        [
            "https://workspace.eu-west-101.myhuaweicloud.eu",
            "https://workspace.ap-southeast-3.myhuaweicloud.com/",
            "https://workspace.cn-north-4.myhuaweicloud.cn",
            "https://workspace.ap-southeast-3.myhuaweicloud.asia",
            OWN,
        ],
    )
    def test_an_endpoint_is_the_vendors_or_the_deployments_own(self, endpoint: str) -> None:
        (target,) = parsed({"project_id": "p", "endpoint": endpoint, "iam_endpoint": endpoint})
        assert target.endpoint == target.iam_endpoint == endpoint.rstrip("/")

    @pytest.mark.parametrize(
        "endpoint",
        [
            "http://workspace.ap-southeast-3.myhuaweicloud.com",
            "https://myhuaweicloud.com",
            "https://evilmyhuaweicloud.com",
            "https://workspace.obs.ap-southeast-3.myhuaweicloud.com",
            "https://bucket.obs.ap-southeast-3.myhuaweicloud.com",
            "https://example.com",
            "https://example.com/.myhuaweicloud.com",
            "https://example.com#.myhuaweicloud.com",
            "https://example.com?.myhuaweicloud.com",
            "https://example.com\\.myhuaweicloud.com",
            "https://example.com%2f.myhuaweicloud.com",
            "https://user@workspace.myhuaweicloud.com",
            "https://workspace.myhuaweicloud.com@example.com",
            "https://workspace.myhuaweicloud.com:8443",
            "https://workspace.myhuaweicloud.com/path",
            "https://workspace.\uff4dyhuaweicloud.com",
            "https://workspace.example.com",
            "https://workspace.evilmyhuaweicloud.com",
            "https://WORKSPACE.example.com",
            "https://169.254.169.254",
            "http://127.0.0.1:8081",
            "http://127.0.0.1:8080.myhuaweicloud.com",
            "https://[::1",
            "file:///etc/passwd",
            "",
        ],
    )
    @pytest.mark.parametrize("field", ["endpoint", "iam_endpoint"])
    def test_signed_requests_are_led_nowhere_else(self, field: str, endpoint: str) -> None:
        text = refused(json.dumps({"targets": [{"project_id": "p", field: endpoint}]}).encode())
        assert text.startswith(f"targets.json: targets[0].{field} must be https:// and a host of the vendor's")

    def test_every_fault_is_told_at_once_with_its_entry_and_field(self) -> None:
        text = refused(
            json.dumps(
                {
                    "targets": [
                        {"project_id": "p1"},
                        {"project_id": "../p", "regoin": "x"},
                        {"project_id": "p1", "region": "eu-north-7"},
                        {"region": "Singapore", "credentials_secret_arn": "arn:aws:s3:::x", "kinds": []},
                        {"project_id": "p4", "kinds": ["users"], "filters": {"user-usage": {"user": "a"}}},
                        "p5",
                        {"project_id": "p1"},
                    ]
                }
            ).encode()
        )
        assert "targets[1].project_id: string should match pattern" in text
        assert "targets[1].regoin is not a field here (did you mean region?): use project_id, endpoint" in text
        assert "targets[2].region 'eu-north-7' is not known" in text
        assert "targets[3].project_id is missing: add it" in text
        assert "targets[3].region: string should match pattern" in text
        assert "targets[3].credentials_secret_arn: string should match pattern" in text
        assert "targets[3].kinds: list should have at least 1 item" in text
        assert "targets[4].kinds[0] users is a snapshot of now" in text
        assert "targets[4].filters 'user' is not a filter of user-usage" in text
        assert "targets[5]" in text
        assert "and 1 more" in text

    def test_a_project_is_listed_once(self) -> None:
        text = refused(b'{"targets": [{"project_id": "p1"}, {"project_id": "p2"}, {"project_id": "p1"}]}')
        assert text == "targets.json: project_id p1 is listed 2 times: list it once"

    def test_a_filter_of_a_kind_that_is_not_archived_is_told(self) -> None:
        wrong = {"project_id": "p", "kinds": ["desktop-usage"], "filters": {"user-usage": {"username": "a"}}}
        assert "targets[0].filters user-usage is not among kinds" in refused(json.dumps({"targets": [wrong]}).encode())

    def test_an_unknown_region_needs_an_endpoint_and_with_one_it_will_do(self) -> None:
        endpoint = "https://workspace.eu-north-7.myhuaweicloud.eu"
        (target,) = parsed({"project_id": "p", "region": "eu-north-7", "endpoint": endpoint})
        assert target.region == "eu-north-7"

    @pytest.mark.parametrize(
        ("content", "says"),
        [
            (b"", "it is not JSON"),
            (b"[" * 100_000, "it is not JSON"),
            (b"[]", "it must be one object"),
            (b"{}", "it must be one object"),
            (b'{"targets": {}}', "it must be one object"),
            (b'{"targets": [], "version": 1}', "it must be one object"),
            (b'{"targets": []}', "targets is empty"),
        ],
        ids=["nothing", "nested", "a list", "no targets", "an object", "another field", "none"],
    )
    def test_what_is_no_list_of_targets_is_told(self, content: bytes, says: str) -> None:
        assert refused(content).startswith(f"targets.json: {says}")


class Deployment:
    """Functions that share an archive with a list of targets, or without one."""

    def __init__(self, **more: str) -> None:
        self.store: Store = open_store(f"memory:///targets-{next(NUMBERS)}")
        self.environment = {
            "HUAWEICLOUD_SDK_AK": "an-access-key",
            "HUAWEICLOUD_SDK_SK": "a-secret-key",
            "HUAWEICLOUD_SDK_PROJECT_ID": "p0",
            "WORKSPACE_REGION": "ap-southeast-3",
            "ARCHIVE_URL": self.store.url,
            "ARCHIVE_TARGETS": "true",
        } | more

    def lists(self, *targets: dict[str, Any]) -> None:
        self.store.replace("targets.json", json.dumps({"targets": targets}).encode())

    def client_config(self, project_id: str | None = None) -> ClientConfig:
        return StartExportSettings.read(self.environment).client_config(project_id)

    def targets(self) -> tuple[Target, ...]:
        return PlanArchiveSettings.read(self.environment).targets()


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Sets the clock."""
    return lambda now: monkeypatch.setattr("workspace_exports.core.clock.datetime", SimpleNamespace(now=lambda _: now))


class TestSigningIn:
    OWN_KEY = EnvironmentProvider(AccessKey("an-access-key", "a-secret-key"))
    ENDPOINT = "https://workspace.ap-southeast-3.myhuaweicloud.com"

    def test_a_target_is_signed_in_to_as_it_says(self) -> None:
        deployment = Deployment()
        endpoint, iam = "https://workspace.eu-west-101.myhuaweicloud.eu", "https://iam.eu-west-101.myhuaweicloud.eu"
        places = {"region": "eu-west-101", "endpoint": endpoint, "iam_endpoint": iam}
        deployment.lists({"project_id": "p2", "credentials_secret_arn": ARN} | places)
        assert deployment.client_config("p2") == ClientConfig("eu-west-101", endpoint, iam, SecretProvider(ARN), "p2")

    def test_what_a_target_leaves_out_is_as_the_settings_say(self) -> None:
        deployment = Deployment(WORKSPACE_ENDPOINT=OWN, IAM_ENDPOINT=OWN)
        deployment.lists({"project_id": "p2"}, {"project_id": "p3", "region": "ap-southeast-3"})
        for project_id in ("p2", "p3"):
            assert deployment.client_config(project_id) == ClientConfig(
                "ap-southeast-3", OWN, OWN, self.OWN_KEY, project_id
            )

    def test_in_another_region_the_settings_endpoints_are_not_the_targets(self) -> None:
        deployment = Deployment(WORKSPACE_ENDPOINT=OWN, IAM_ENDPOINT=OWN)
        deployment.lists({"project_id": "p2", "region": "la-south-2"})
        endpoint = "https://workspace.la-south-2.myhuaweicloud.com"
        assert deployment.client_config("p2") == ClientConfig("la-south-2", endpoint, None, self.OWN_KEY, "p2")

    def test_the_default_project_may_be_a_target_too(self) -> None:
        deployment = Deployment()
        deployment.lists({"project_id": "p0", "credentials_secret_arn": ARN})
        assert deployment.client_config().source == SecretProvider(ARN)

    def test_who_is_no_target_is_signed_in_to_as_the_settings_say(self) -> None:
        deployment = Deployment()
        deployment.lists({"project_id": "p2", "region": "la-south-2"})
        assert deployment.client_config("p9") == ClientConfig("ap-southeast-3", self.ENDPOINT, None, self.OWN_KEY, "p9")

    def test_without_targets_nothing_is_read(self) -> None:
        deployment = Deployment(ARCHIVE_TARGETS="false", ARCHIVE_URL="gopher://nowhere")
        assert deployment.client_config("p2").project_id == "p2"

    def test_an_unlisted_project_is_no_target(self) -> None:
        deployment = Deployment(HUAWEICLOUD_SDK_PROJECT_ID="", ARCHIVE_URL="gopher://nowhere")
        assert deployment.client_config().project_id is None

    def test_the_list_is_kept_for_five_minutes(self, at: Callable[[datetime], None]) -> None:
        deployment = Deployment()
        at(NOW)
        deployment.lists({"project_id": "p2", "region": "la-south-2"})
        assert deployment.client_config("p2").region == "la-south-2"
        deployment.lists({"project_id": "p2", "region": "la-north-2"})
        at(NOW + KEPT_FOR - timedelta(seconds=1))
        assert deployment.client_config("p2").region == "la-south-2"
        at(NOW + KEPT_FOR)
        assert deployment.client_config("p2").region == "la-north-2"

    def test_a_project_added_since_is_found_at_once(self, at: Callable[[datetime], None]) -> None:
        deployment = Deployment()
        at(NOW)
        deployment.lists({"project_id": "p2"})
        deployment.client_config("p2")
        deployment.lists({"project_id": "p2"}, {"project_id": "p3", "region": "la-north-2"})
        assert deployment.client_config("p3").region == "la-north-2"

    def test_each_archive_has_its_own_list(self) -> None:
        one, other = Deployment(), Deployment()
        one.lists({"project_id": "p2", "region": "la-south-2"})
        other.lists({"project_id": "p2", "region": "la-north-2"})
        assert (one.client_config("p2").region, other.client_config("p2").region) == ("la-south-2", "la-north-2")

    def test_a_list_that_is_missing_is_told(self) -> None:
        with pytest.raises(Misconfigured, match=r"(?s)targets\.json is missing in the archive.*ArchiveTargets"):
            Deployment().client_config("p2")


class TestPlanning:
    def test_without_targets_the_one_project_is_planned(self) -> None:
        deployment = Deployment(ARCHIVE_TARGETS="false")
        assert deployment.targets() == (Target(project_id="p0"),)

    def test_a_list_that_would_be_passed_over_is_told(self) -> None:
        deployment = Deployment(ARCHIVE_TARGETS="false")
        deployment.lists({"project_id": "p2"})
        with pytest.raises(Misconfigured, match=r"(?s)not set to read it.*ARCHIVE_TARGETS"):
            deployment.targets()

    def test_a_plan_reads_the_list_anew(self) -> None:
        deployment = Deployment()
        deployment.lists({"project_id": "p2"})
        assert len(deployment.targets()) == 1
        deployment.lists({"project_id": "p2"}, {"project_id": "p3"})
        assert len(deployment.targets()) == 2

    TARGETS = (Target(project_id="p1", kinds=["user-usage"]), Target(project_id="p2"))

    @pytest.mark.parametrize(
        ("asked", "projects"),
        [
            ({}, ["p1", *["p2"] * 8]),
            ({"kinds": ["user-usage"]}, ["p1", "p2"]),
            ({"kinds": ["desktop-usage"]}, ["p2"]),
            ({"project_id": "p1"}, ["p1"]),
            ({"project_id": "p2", "kinds": ["user-usage", "desktop-usage"]}, ["p2", "p2"]),
        ],
    )
    def test_a_request_is_for_the_series_it_names(self, asked: dict[str, Any], projects: list[str]) -> None:
        series = asked_for(self.TARGETS, PlanRequest.model_validate(asked))
        assert [one.project_id for one in series] == projects
        assert {one.kind for one in series} <= set(asked.get("kinds", EXPORTS))

    @pytest.mark.parametrize(
        ("asked", "says"),
        [
            ({"project_id": "p3"}, "project_id p3 is in no target"),
            ({"project_id": "p1", "kinds": ["desktop-usage"]}, "no target has such a kind and project_id together"),
        ],
    )
    def test_what_no_target_has_is_rejected(self, asked: dict[str, Any], says: str) -> None:
        with pytest.raises(Rejected, match=says):
            asked_for(self.TARGETS, PlanRequest.model_validate(asked))

    def test_a_kind_that_no_target_has_is_named(self) -> None:
        with pytest.raises(Rejected, match="kind app-user-access is in no target"):
            asked_for(self.TARGETS[:1], PlanRequest(kinds=["app-user-access", "user-usage"]))
