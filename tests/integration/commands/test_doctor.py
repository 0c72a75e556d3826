"""`doctor` against the stand-in: every way a set-up can be wrong, the sentence that mends it, the exit code."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from obstore.store import MemoryStore

from local.standin.accounts import (
    DEMO_ACCESS_KEY,
    DEMO_DOMAIN_NAME,
    DEMO_PASSWORD,
    DEMO_PROJECT_ID,
    DEMO_SECRET_KEY,
    DEMO_USER_NAME,
)
from local.standin.clock import SettableClock
from local.standin.faults.answers import answer, error, server_error
from local.standin.operations import EXPORTS
from local.standin.server import VendorStandIn
from tests.support.checks.leaks import CANARIED, leaks
from tests.support.commands import run as command
from workspace_exports.commands.doctor.archive_check import try_out
from workspace_exports.commands.doctor.check_results import Status
from workspace_exports.commands.doctor.examination import CHECKS
from workspace_exports.core.clock import utc_now
from workspace_exports.core.errors import ArchiveUnavailable
from workspace_exports.runtime.settings.storage import ArchiveSettings
from workspace_exports.storage.store import Store

CANARY = "canary-that-nobody-may-see"
WITH_A_FOLDER = pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
"""For what has nothing to do with the archive."""


class Consultation(SimpleNamespace):
    """What the doctor said, and the code it ended with."""

    code: int
    text: str

    def status(self, check: str) -> str:
        found = re.search(rf"^. (\w+) +{check} ", self.text, re.MULTILINE)
        assert found, self.text
        return found[1]

    @property
    def statuses(self) -> list[str]:
        return [self.status(check.name) for check in CHECKS]


Consult = Callable[..., Consultation]


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(utc_now())


@pytest.fixture
def vendor(clock: SettableClock) -> Iterator[VendorStandIn]:
    with VendorStandIn(contents=CANARIED, clock=clock) as vendor:
        yield vendor


@pytest.fixture
def consult(
    environment: pytest.MonkeyPatch, vendor: VendorStandIn, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Consult:
    """Runs the command in a good set-up, but for what is said; an empty variable counts as absent."""
    environment.setenv("HOME", str(tmp_path))
    environment.setenv("IAM_ENDPOINT", vendor.url)

    def run(*arguments: str, **changes: str) -> Consultation:
        for name, value in changes.items():
            environment.setenv(name, value)
        code = command("doctor", *arguments)
        captured = capsys.readouterr()
        text = captured.out + captured.err
        assert leaks(text) == []
        assert CANARY not in text
        return Consultation(code=code, text=text)

    return run


class TestAGoodSetUp:
    def test_nothing_fails_and_nothing_is_ordered_or_kept(
        self, consult: Consult, vendor: VendorStandIn, store: Store
    ) -> None:
        said = consult()
        assert (said.code, said.statuses) == (0, ["ok", "ok", "ok", "ok", "unknown", "ok"])
        assert "Nothing is wrong, as far as can be told without an order." in said.text
        assert [call.operation for call in vendor.requests] == [None, "list"]
        assert list(store.keys("")) == []

    @pytest.mark.parametrize("place", ["environment", "profile file"])
    def test_it_says_where_the_credentials_are(self, place: str, consult: Consult, tmp_path: Path) -> None:
        if place == "environment":
            said = consult()
        else:
            (tmp_path / ".huaweicloud").mkdir()
            profile = f"[basic]\nak = {DEMO_ACCESS_KEY}\nsk = {DEMO_SECRET_KEY}\n"
            (tmp_path / ".huaweicloud" / "credentials").write_text(profile)
            said = consult(HUAWEICLOUD_SDK_AK="", HUAWEICLOUD_SDK_SK="")
        assert said.code == 0
        assert f"credentials from the {place}" in said.text

    def test_a_project_that_is_not_set_is_looked_up(self, consult: Consult) -> None:
        said = consult(HUAWEICLOUD_SDK_PROJECT_ID="")
        assert said.code == 0
        assert f"accepted, project {DEMO_PROJECT_ID} (looked up)" in said.text

    def test_the_archive_may_be_another_one(self, consult: Consult, tmp_path: Path) -> None:
        said = consult("--archive", (tmp_path / "other").as_uri(), ARCHIVE_URL="")
        assert said.code == 0
        assert list((tmp_path / "other").iterdir()) == []

    def test_an_output_that_is_not_utf_gets_signs_it_can_show(
        self, consult: Consult, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("rich.console.ConsoleOptions.ascii_only", property(lambda _: True))
        assert consult().text.isascii()


class TestAnIdentityServiceThatCannotBeReached:
    def test_is_named_with_the_variable_that_makes_it_unnecessary(self, consult: Consult) -> None:
        said = consult(HUAWEICLOUD_SDK_PROJECT_ID="", IAM_ENDPOINT="http://127.0.0.1:9")
        assert said.code == 1
        assert "Let this machine reach 127.0.0.1:9, or set IAM_ENDPOINT" in said.text
        assert "With HUAWEICLOUD_SDK_PROJECT_ID set" in said.text


@WITH_A_FOLDER
class TestPermissions:
    def test_what_cannot_be_tried_is_listed(self, consult: Consult) -> None:
        said = consult()
        assert "not checked: an order would be made" in said.text
        assert "to fetch the files: workspace:tenants:exportData" in said.text
        assert "to order app-user-access: workspace:statistics:exportAppUserAccessData" in said.text
        assert "to order hosts: workspace:wdh:export" in said.text
        assert "to order connection-records, desktop-usage, user-usage, users: none needed" in said.text
        assert "to order app-sessions: workspace:session:exportSessions" in said.text
        assert "to order desktops: none needed; an older page names workspace:desktops:export, vpc:ports" in said.text
        assert "terminal-bindings: not documented; an older page names workspace:bindingPolicies:export" in said.text
        assert "which permission is missing, which nothing else needs: sts::decodeAuthorizationMessage" in said.text
        assert "deleteExportTasks" not in said.text

    def test_only_the_kinds_asked_for_count(self, consult: Consult) -> None:
        said = consult("--kinds", "hosts,users,hosts")
        assert re.findall("to order (.*)", said.text) == ["hosts: workspace:wdh:export", "users: none needed"]

    def test_removing_what_has_landed_needs_one_more(self, consult: Consult) -> None:
        assert "workspace:tenants:deleteExportTasks" in consult(DELETE_AFTER_LANDING="true").text


@WITH_A_FOLDER
class TestSettings:
    @pytest.mark.parametrize(
        ("changes", "problem", "remedy"),
        [
            ({"WORKSPACE_REGION": ""}, "WORKSPACE_REGION is missing", "Set what is named here"),
            ({"WORKSPACE_REGION": "xx-nowhere-1"}, "set one of af-north-1, ", "Set what is named here"),
            ({"WORKSPACE_ENDPOINT": "http://a.example"}, "must be an https URL", "Set what is named here"),
            ({"HUAWEICLOUD_SDK_SK": ""}, "one is set without the other", "docs/credentials.md"),
            (
                {"HUAWEICLOUD_SDK_AK": "", "HUAWEICLOUD_SDK_SK": ""},
                "No credentials for the vendor: set HUAWEICLOUD_SDK_AK",
                "Give credentials in one of the ways that docs/credentials.md shows.",
            ),
            (
                {
                    "HUAWEICLOUD_SDK_AK": "",
                    "HUAWEICLOUD_SDK_SK": "",
                    "HUAWEICLOUD_SDK_CREDENTIALS_FILE": "/nowhere/at/all",
                },
                "The profile file /nowhere/at/all cannot be read",
                "Write ak and sk into a section [basic] of that file",
            ),
        ],
        ids=["no region", "unknown region", "unsafe endpoint", "half a key", "no credentials", "no profile"],
    )
    def test_missing_settings_are_named_before_any_call(
        self, changes: dict[str, str], problem: str, remedy: str, consult: Consult, vendor: VendorStandIn
    ) -> None:
        endpoint = {"WORKSPACE_ENDPOINT": ""} if "WORKSPACE_REGION" in changes else {}
        said = consult(**endpoint, **changes)
        assert (said.code, said.statuses) == (1, ["failed", "skipped", "skipped", "skipped", "skipped", "ok"])
        assert problem in said.text
        assert remedy in said.text
        assert "1 check failed." in said.text
        assert vendor.requests == ()


@WITH_A_FOLDER
class TestTheWayToTheVendor:
    def test_an_address_that_is_more_than_one_is_refused_and_not_shown(self, consult: Consult) -> None:
        said = consult(WORKSPACE_ENDPOINT=f"https://nowhere.invalid/?signature={CANARY}")
        assert (said.code, said.statuses[:2]) == (1, ["failed", "skipped"])
        assert "WORKSPACE_ENDPOINT: " in said.text
        assert CANARY not in said.text

    @pytest.mark.parametrize(
        ("changes", "problem", "remedy"),
        [
            ({"WORKSPACE_ENDPOINT": "http://127.0.0.1:9"}, "connect: the connection to 127.0.0.1:9 failed", "firewall"),
            ({"WORKSPACE_ENDPOINT": "https://nowhere.invalid"}, "DNS: nowhere.invalid has no address", "the DNS here"),
            ({"WORKSPACE_ENDPOINT": "https://{vendor}"}, "TLS: no trusted connection to {vendor}", "SSL_CERT_FILE"),
            (
                {"WORKSPACE_ENDPOINT": "https://a.example", "HTTPS_PROXY": f"http://me:{CANARY}@{{vendor}}"},
                "proxy: it does not open the way",
                "Have the proxy in HTTPS_PROXY let through a.example.",
            ),
            (
                {"WORKSPACE_ENDPOINT": "https://a.example", "HTTPS_PROXY": f"http://me:{CANARY}@127.0.0.1:9"},
                "connect: the connection to the proxy in HTTPS_PROXY failed",
                "or set HTTPS_PROXY to a proxy that can",
            ),
        ],
        ids=["down", "no name", "no TLS", "proxy refuses", "proxy down"],
    )
    def test_the_step_that_failed_is_named(
        self, changes: dict[str, str], problem: str, remedy: str, consult: Consult, vendor: VendorStandIn
    ) -> None:
        host = vendor.url.removeprefix("http://")
        said = consult(**{name: value.replace("{vendor}", host) for name, value in changes.items()})
        assert (said.code, said.statuses) == (1, ["ok", "failed", "skipped", "skipped", "unknown", "ok"])
        assert problem.replace("{vendor}", host) in said.text
        assert remedy in said.text
        assert vendor.calls("list") == ()

    @pytest.mark.parametrize(
        ("name", "value", "problem", "remedy"),
        [
            ("HTTPS_PROXY", f"ftp://me:{CANARY}@a.example", "is not the URL of an HTTP proxy", "http://host:port"),
            ("SSL_CERT_FILE", f"/nowhere/{CANARY}", "cannot be read (No such file or directory)", "or unset it"),
        ],
    )
    def test_a_variable_that_no_client_can_be_made_with_is_a_setting(
        self, name: str, value: str, problem: str, remedy: str, consult: Consult
    ) -> None:
        said = consult(**{name: value})
        assert (said.code, said.statuses[:2]) == (1, ["failed", "skipped"])
        assert f"{name}: {problem}" in said.text
        assert remedy in said.text
        assert CANARY not in said.text

    @pytest.mark.parametrize(
        ("minutes", "problem"),
        [(-10, "the clock here is 10 minutes ahead of the vendor's"), (10, "10 minutes behind the vendor's")],
    )
    def test_a_clock_that_is_off_costs_the_key_no_attempt(
        self, minutes: int, problem: str, consult: Consult, vendor: VendorStandIn, clock: SettableClock
    ) -> None:
        clock.advance(seconds=timedelta(minutes=minutes).total_seconds())
        said = consult()
        assert (said.code, said.statuses) == (1, ["ok", "ok", "failed", "skipped", "unknown", "ok"])
        assert problem in said.text
        assert "Set the clock here right, best by NTP" in said.text
        assert vendor.calls("list") == ()

    def test_a_clock_a_little_off_is_no_matter(self, consult: Consult, clock: SettableClock) -> None:
        clock.advance(seconds=-4 * 60)
        assert consult().code == 0

    def test_an_answer_without_a_date_is_no_failure(self, consult: Consult, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("local.standin.front.format_datetime", lambda *_, **__: "some day")
        said = consult()
        assert (said.code, said.status("clock"), said.status("credentials")) == (0, "unknown", "ok")


@WITH_A_FOLDER
class TestCredentials:
    @pytest.mark.parametrize("project_id", [DEMO_PROJECT_ID, ""], ids=["project given", "project looked up"])
    def test_a_wrong_secret_is_tried_once(self, project_id: str, consult: Consult, vendor: VendorStandIn) -> None:
        said = consult(HUAWEICLOUD_SDK_SK=CANARY, HUAWEICLOUD_SDK_PROJECT_ID=project_id)
        assert (said.code, said.statuses) == (1, ["ok", "ok", "ok", "failed", "unknown", "ok"])
        assert "APIGW.0301" in said.text
        assert "Check key and secret, or user and password, in the environment" in said.text
        assert [call.status for call in vendor.requests] == [404, 401]

    @pytest.mark.parametrize("code", ["APIGW.0302", "WKS.00081102"])
    def test_a_missing_permission_is_named(self, code: str, consult: Consult, vendor: VendorStandIn) -> None:
        vendor.script("list", error(403, code, f"no, see https://a.example/x?Signature={CANARY}"))
        said = consult()
        assert (said.code, said.status("credentials")) == (1, "failed")
        assert "Grant the user workspace:tenants:listExportTasks on this project" in said.text
        assert len(vendor.calls("list")) == 1

    def test_another_project_is_told_from_a_missing_permission(self, consult: Consult) -> None:
        said = consult(HUAWEICLOUD_SDK_PROJECT_ID="ab" * 16)
        assert said.code == 1
        assert "The project cannot be used: check HUAWEICLOUD_SDK_PROJECT_ID" in said.text

    def test_who_may_not_list_projects_can_name_one(self, consult: Consult, vendor: VendorStandIn) -> None:
        vendor.script("projects", error(403, "IAM.0003", "not allowed"))
        said = consult(HUAWEICLOUD_SDK_PROJECT_ID="")
        assert said.code == 1
        assert "Set HUAWEICLOUD_SDK_PROJECT_ID to the project's id, or let the user list projects." in said.text

    def test_a_project_that_is_not_there_is_to_be_named(self, consult: Consult, vendor: VendorStandIn) -> None:
        vendor.script("projects", answer(200, b'{"projects": []}', {"Content-Type": "application/json"}))
        said = consult(HUAWEICLOUD_SDK_PROJECT_ID="")
        assert said.code == 1
        assert "Set HUAWEICLOUD_SDK_PROJECT_ID (in template.yaml" in said.text

    @pytest.mark.parametrize("password", [DEMO_PASSWORD, CANARY], ids=["right", "wrong"])
    def test_a_login_in_a_secret_is_tried_once(
        self, password: str, consult: Consult, vendor: VendorStandIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        login = {"user_name": DEMO_USER_NAME, "password": password, "domain_name": DEMO_DOMAIN_NAME}
        held = json.dumps(login | {"project_id": DEMO_PROJECT_ID})
        monkeypatch.setattr("workspace_exports.aws.secrets.read_secret", lambda *_: held)
        said = consult(
            HUAWEICLOUD_SDK_AK="",
            HUAWEICLOUD_SDK_SK="",
            HUAWEICLOUD_SDK_PROJECT_ID="",
            WORKSPACE_CREDENTIALS_SECRET_ARN="arn:some",
        )
        good = password == DEMO_PASSWORD
        assert (said.code, len(vendor.calls("tokens"))) == (0 if good else 1, 1)
        assert "credentials from the AWS secret" in said.text
        remedy = "Check key and secret, or user and password, in the AWS secret"
        assert ("(beside the credentials)" if good else remedy) in said.text

    def test_a_secret_that_may_not_be_read(self, consult: Consult, vendor: VendorStandIn) -> None:
        said = consult(
            HUAWEICLOUD_SDK_AK="", HUAWEICLOUD_SDK_SK="", WORKSPACE_CREDENTIALS_SECRET_ARN=f"not-an-arn-{CANARY}"
        )
        assert (said.code, said.status("settings")) == (1, "failed")
        assert "must be the ARN of an AWS Secrets Manager secret" in said.text
        assert "Give credentials in one of the ways that docs/credentials.md shows." in said.text
        assert vendor.requests == ()

    def test_a_vendor_in_trouble_is_not_asked_again(self, consult: Consult, vendor: VendorStandIn) -> None:
        vendor.script("list", server_error(503))
        said = consult()
        assert (said.code, len(vendor.calls("list"))) == (1, 1)
        assert "Try again later." in said.text


class TestTheArchive:
    @pytest.mark.parametrize(
        ("url", "problem", "remedy"),
        [
            ("", "ARCHIVE_URL is not set", "Set ARCHIVE_URL, or give --archive"),
            ("https://a.example", "is neither s3://bucket/prefix nor", "Set ARCHIVE_URL to s3://bucket/prefix"),
            (
                f"ftp://me:{CANARY}/{CANARY}@a.example",
                "ARCHIVE_URL is neither",
                "Set ARCHIVE_URL to s3://bucket/prefix",
            ),
            ("{file}/archive", "cannot be written to (", "or to file:///path of your own."),
        ],
        ids=["none", "of no kind", "with a password", "not a folder"],
    )
    def test_one_that_cannot_be_opened(
        self, url: str, problem: str, remedy: str, consult: Consult, tmp_path: Path
    ) -> None:
        (tmp_path / "a-file").touch()
        said = consult(ARCHIVE_URL=url.replace("{file}", (tmp_path / "a-file").as_uri()))
        assert (said.code, said.statuses) == (1, ["ok", "ok", "ok", "ok", "unknown", "failed"])
        assert problem in said.text
        assert remedy in said.text

    @pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
    @pytest.mark.parametrize(
        ("tags", "says"),
        [
            ("team", "ARCHIVE_TAGS: must be written as"),
            ("team=audit", "ARCHIVE_TAGS need an s3:// archive"),
        ],
    )
    def test_one_that_cannot_do_what_is_set(self, tags: str, says: str, consult: Consult) -> None:
        said = consult(ARCHIVE_TAGS=tags)
        assert (said.code, said.status("archive")) == (1, "failed")
        assert says in said.text

    @pytest.mark.parametrize("archive_url", ["s3"], indirect=True)
    def test_a_bucket_that_is_not_there(self, consult: Consult) -> None:
        said = consult("--archive", "s3://no-such-bucket-anywhere/x")
        assert (said.code, said.status("archive")) == (1, "failed")
        assert "At s3://no-such-bucket-anywhere/x: Create the bucket, or set ARCHIVE_URL and AWS_REGION" in said.text

    def test_a_storage_that_ignores_conditional_writes(self, consult: Consult, monkeypatch: pytest.MonkeyPatch) -> None:
        careless = _Careless("s3://careless", MemoryStore())
        monkeypatch.setattr(ArchiveSettings, "open_archive", lambda _: careless)
        said = consult()
        assert (said.code, said.status("archive")) == (1, "failed")
        assert "This storage ignores If-None-Match" in said.text
        assert "use one that honours it" in said.text
        assert list(careless.keys("")) == []

    def test_a_storage_that_forgets(self) -> None:
        finding = try_out(_Forgetful("file:///f", MemoryStore()), "doctor/a.json")
        assert (finding.status, finding.said) == (Status.FAILED, "what was written does not come back")

    def test_a_storage_that_refuses_the_first_create(self) -> None:
        store = Store("file:///f", MemoryStore())
        store.create("doctor/a.json", b"a try whose answer was lost")
        finding = try_out(store, "doctor/a.json")
        assert finding.remedy == "Look once more; if it happens again, use another storage."
        assert list(store.keys("")) == []

    def test_what_cannot_be_removed_is_a_failure(self) -> None:
        finding = try_out(_Keeping("file:///f", MemoryStore()), "doctor/a.json")
        assert finding.status is Status.FAILED
        assert finding.remedy == "At file:///f, check that the folder is yours to write, and its disk not full."

    def test_what_may_be_left_behind_is_named(self) -> None:
        finding = try_out(_CarelessAndKeeping("s3://b", MemoryStore()), "doctor/a.json")
        assert finding.remedy is not None
        assert finding.remedy.startswith("This storage ignores If-None-Match")
        assert finding.remedy.endswith("If doctor/a.json is there, remove it.")

    def test_an_interruption_leaves_nothing(self) -> None:
        store = _Interrupted("file:///f", MemoryStore())
        with pytest.raises(KeyboardInterrupt):
            try_out(store, "doctor/a.json")
        assert list(store.keys("")) == []


class _Careless(Store):
    """Takes every create."""

    def create(self, key: str, content: bytes) -> bool:
        self.write(key, [content])
        return True


class _Forgetful(Store):
    def read(self, key: str) -> bytes | None:
        return None


class _Keeping(Store):
    def delete(self, key: str) -> None:
        raise ArchiveUnavailable(f"Could not delete {key!r}")


class _CarelessAndKeeping(_Careless, _Keeping):
    pass


class _Interrupted(Store):
    def read(self, key: str) -> bytes | None:
        raise KeyboardInterrupt


class TestTheCommand:
    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (["--kinds", "no-such-kind"], "'no-such-kind' is not known"),
            (["--archive"], "requires an argument"),
            (["surplus"], "unexpected extra argument"),
        ],
    )
    def test_wrong_usage_ends_with_2(
        self, arguments: list[str], says: str, consult: Consult, capsys: pytest.CaptureFixture[str]
    ) -> None:
        said = consult(*arguments)
        assert said.code == 2
        assert says in said.text

    def test_a_machine_gets_one_document(self, consult: Consult) -> None:
        said = consult("--json", WORKSPACE_REGION="nowhere", WORKSPACE_ENDPOINT="")
        assert said.code == 1
        checks = {one["check"]: one for one in json.loads(said.text)["checks"]}
        assert [checks[name]["status"] for name in ("settings", "endpoint", "archive")] == ["failed", "skipped", "ok"]
        assert checks["settings"]["remedy"]

    def test_no_kind_is_ever_ordered(self, consult: Consult, vendor: VendorStandIn) -> None:
        consult()
        assert [vendor.calls(operation) for operation in EXPORTS] == [()] * len(EXPORTS)
        assert vendor.tasks == ()
