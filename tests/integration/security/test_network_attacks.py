"""Attacks from the network: by the vendor or whoever poses as it, by services in between. docs/threat-model.md."""

import gzip
import io
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

import httpx
import pytest

from functions.start_export import app as start_export
from local.standin.accounts import DEMO_DOMAIN_NAME, DEMO_PASSWORD, DEMO_PROJECT_ID, DEMO_REGION, DEMO_USER_NAME
from local.standin.faults.answers import answer, error
from local.standin.faults.fates import fails
from local.standin.faults.mishaps import Misstate
from local.standin.server import VendorStandIn
from tests.support.builders.aws_secrets import ARN, ROLE
from tests.support.builders.examples import Changing
from tests.support.builders.hostile_texts import HOSTILE, HOSTILE_HEADER, unprintable
from tests.support.builders.http_events import http_event
from tests.support.builders.requests import DAY, RECORDS
from tests.support.checks.leaks import leaks
from tests.support.commands import run, without_waits
from tests.support.fixtures.handlers import Call
from tests.support.lambda_context import CONTEXT
from tests.support.servers.endless_http import Fountain
from tests.support.servers.scripted_http import ScriptedServer
from workspace_exports.aws.executions import start_execution
from workspace_exports.aws.role import role_key
from workspace_exports.aws.secrets import read_secret
from workspace_exports.client.config import ClientConfig
from workspace_exports.client.connections import connection, find_project
from workspace_exports.client.credentials import AccessKey, Credentials, Login
from workspace_exports.client.iam import Iam
from workspace_exports.commands.doctor.check_results import failed
from workspace_exports.commands.doctor.doctor_display import show as show_results
from workspace_exports.commands.doctor.examination import CHECKS
from workspace_exports.commands.export_command import _showing
from workspace_exports.commands.terminal import open_console
from workspace_exports.core.clock import to_wire, utc_now
from workspace_exports.core.errors import (
    ExportError,
    Misconfigured,
    TaskFailed,
    VendorUnavailable,
)
from workspace_exports.network import http_client as transport
from workspace_exports.network.bad_answers import EncodedAnswer, EndlessAnswer
from workspace_exports.network.http_client import LARGEST_ANSWER_BYTES, open_client
from workspace_exports.runtime.http import _resolver
from workspace_exports.storage.store import Store, open_store

MACHINE = "arn:aws:states:eu-central-1:123456789012:stateMachine:machine"
LOGIN = Login(DEMO_USER_NAME, DEMO_PASSWORD, DEMO_DOMAIN_NAME)
IN_A_FOLDER = pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
REDIRECTS = [300, 301, 302, 303, 304, 307, 308]


def look_up_project(url: str) -> object:
    with open_client(url) as http:
        return Iam(http, url, DEMO_REGION).projects()


def sign_in(url: str) -> object:
    with open_client(url) as http:
        return Iam(http, url, DEMO_REGION).issue_token(LOGIN, None)


def ask_for_the_secret(url: str) -> object:
    return read_secret(ARN, ROLE | {"AWS_ENDPOINT_URL": url})


def start_the_workflow(url: str) -> object:
    return start_execution(MACHINE, "name", {}, ROLE | {"AWS_ENDPOINT_URL": url})


def ask_for_the_key(url: str) -> object:
    return role_key({"AWS_CONTAINER_CREDENTIALS_FULL_URI": url, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "token"})


SERVICES = pytest.mark.parametrize(
    "service", [look_up_project, sign_in, ask_for_the_secret, start_the_workflow, ask_for_the_key]
)
Service = Callable[[str], object]


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@pytest.fixture
def foreign() -> Iterator[ScriptedServer]:
    """Where nobody should ever be led; it would say yes to anything."""
    with ScriptedServer() as foreign:
        foreign.answers += [(200, {}, b"{}")] * 20
        yield foreign


class TestARedirect:
    """Of every kind and from every service, to a host that nobody set."""

    @SERVICES
    @pytest.mark.parametrize("status", REDIRECTS)
    def test_of_a_service_is_not_followed(
        self, service: Service, status: int, server: ScriptedServer, foreign: ScriptedServer
    ) -> None:
        server.answer(status, b"", {"Location": f"{foreign.url}/stolen"})
        with pytest.raises(ExportError):
            service(server.url)
        assert len(server.requests) == 1
        assert foreign.requests == []

    @IN_A_FOLDER
    @pytest.mark.parametrize("status", REDIRECTS)
    def test_of_the_vendors_is_not_followed(
        self, status: int, vendor: VendorStandIn, foreign: ScriptedServer, start: Call, poll: Call, fetch: Call
    ) -> None:
        led_away = answer(status, b"", {"Location": f"{foreign.url}/stolen?Signature=x"})
        vendor.script("connection-records", led_away)
        with pytest.raises(VendorUnavailable, match="never followed") as caught:
            start(**RECORDS)
        assert "Signature" not in str(caught.value)
        ordered = start(**RECORDS)
        vendor.script("list", led_away)
        with pytest.raises(VendorUnavailable, match="never followed"):
            poll(**ordered)
        looked = poll(**ordered)
        vendor.script("download", led_away)
        with pytest.raises(VendorUnavailable, match="never followed"):
            fetch(**looked)
        assert foreign.requests == []

    @pytest.mark.parametrize(
        "location",
        [
            "http://[::1",
            "//evil.example",
            "javascript:alert(1)",
            "http://a b/",
            "\\\\evil",
            "http://%00/",
            "x" * 60_000,
        ],
        ids=["no bracket", "no scheme", "script", "space", "backslashes", "NUL", "long"],
    )
    def test_to_nowhere_is_an_error_like_any_other(self, location: str, server: ScriptedServer) -> None:
        server.answer(302, b"", {"Location": location})
        with pytest.raises(ExportError) as caught:
            look_up_project(server.url)
        assert len(str(caught.value)) < 1000

    def test_of_storage_is_followed_by_its_library_and_never_with_the_key(
        self, server: ScriptedServer, foreign: ScriptedServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Not ours to forbid: see the page. What identifies the caller to S3 must not go along."""
        for name, value in {**ROLE, "AWS_REGION": "eu-central-1", "AWS_ENDPOINT_URL": server.url}.items():
            monkeypatch.setenv(name, value)
        open_store.cache_clear()
        server.answer(307, b"", {"Location": f"{foreign.url}/x"})
        open_store("s3://bucket/prefix").read("key")
        (((_, _, headers, _),)) = foreign.requests
        assert "authorization" not in headers
        assert "role-secret" not in str(headers)


class TestAnAnswerWithoutAnEnd:
    """The most that is read is what one answer may hold, and what is in the system's buffers."""

    slack_bytes = 32 * 1024 * 1024

    @SERVICES
    @pytest.mark.parametrize("status", [200, 400, 500])
    def test_of_a_service_is_left(self, service: Service, status: int) -> None:
        with Fountain(status).flowing() as fountain:
            with pytest.raises(ExportError):
                service(fountain.url)
            assert fountain.sent_bytes < LARGEST_ANSWER_BYTES + self.slack_bytes

    @IN_A_FOLDER
    @pytest.mark.parametrize("status", [200, 400, 401, 500])
    def test_of_the_vendors_is_left(self, status: int, environment: pytest.MonkeyPatch, poll: Call) -> None:
        ordered = {**RECORDS, "project_id": DEMO_PROJECT_ID, "task_id": "t", "ordered_at": to_wire(utc_now())}
        with Fountain(status, b"<" * 65_536).flowing() as fountain:
            environment.setenv("WORKSPACE_ENDPOINT", fountain.url)
            with pytest.raises(ExportError):
                poll(**ordered)
            assert fountain.sent_bytes < LARGEST_ANSWER_BYTES + self.slack_bytes

    @IN_A_FOLDER
    @pytest.mark.parametrize("status", [400, 401, 500])
    def test_in_place_of_a_file_is_left_too(self, status: int, environment: pytest.MonkeyPatch, fetch: Call) -> None:
        looked = {
            **RECORDS,
            "project_id": DEMO_PROJECT_ID,
            "task_id": "t",
            "ordered_at": to_wire(utc_now()),
            "status": "SUCCESS",
        }
        with Fountain(status).flowing() as fountain:
            environment.setenv("WORKSPACE_ENDPOINT", fountain.url)
            with pytest.raises(ExportError):
                fetch(**looked)
            assert fountain.sent_bytes < self.slack_bytes

    def test_that_drips_is_left_too(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Every byte comes within the time that a read may take; the answer does not."""
        seconds = count()
        monkeypatch.setattr(transport, "monotonic", lambda: next(seconds))
        dripping = Fountain(chunk=b" ", pause=0.001).flowing()
        with dripping as fountain, open_client() as http, pytest.raises(EndlessAnswer):
            http.get(fountain.url)

    def test_of_an_error_is_cut_and_told_by_its_status(self) -> None:
        with Fountain(503).flowing() as fountain, pytest.raises(VendorUnavailable, match="answered 503"):
            look_up_project(fountain.url)


class TestAPackedAnswer:
    """A few bytes that would fill the memory: nothing is unpacked."""

    bomb = gzip.compress(gzip.compress(b"\0" * 30_000_000))

    @SERVICES
    def test_is_not_asked_for(self, service: Service, server: ScriptedServer) -> None:
        server.answer(500, {})
        with pytest.raises(ExportError):
            service(server.url)
        ((_, _, headers, _),) = server.requests
        assert headers["accept-encoding"] == "identity"

    @SERVICES
    @pytest.mark.parametrize("encoding", ["gzip", "gzip, gzip", "deflate", "br", "zstd"])
    def test_is_refused(self, service: Service, encoding: str, server: ScriptedServer) -> None:
        server.answer(200, self.bomb, {"Content-Encoding": encoding})
        with pytest.raises(VendorUnavailable, match=r"EncodedAnswer|the answer came encoded as"):
            service(server.url)

    def test_of_an_error_is_passed_over_and_its_status_told(self, server: ScriptedServer) -> None:
        server.answer(503, self.bomb, {"Content-Encoding": "gzip, gzip"})
        with pytest.raises(VendorUnavailable, match="answered 503") as caught:
            look_up_project(server.url)
        assert caught.value.vendor_reason is None

    def test_is_told_from_a_long_one(self, server: ScriptedServer) -> None:
        server.answer(200, b"{}", {"Content-Encoding": "gzip"})
        with open_client() as http, pytest.raises(EncodedAnswer):
            http.get(server.url)


@SERVICES
@pytest.mark.parametrize("status", [200, 500])
def test_an_answer_nested_without_end_is_an_error_like_any_other(
    service: Service, status: int, server: ScriptedServer
) -> None:
    server.answer(status, b'{"a":' * 100_000)
    with suppress(ExportError):
        service(server.url)
    assert len(server.requests) == 1


def test_no_service_leaves_a_cookie(server: ScriptedServer) -> None:
    server.answer(200, {}, {"Set-Cookie": "tracked=1; Path=/"})
    server.answer(200, {})
    with open_client(server.url) as http:
        http.get("/")
        http.get("/")
    assert "cookie" not in server.requests[1][2]


def test_a_token_that_is_no_header_is_no_token(server: ScriptedServer) -> None:
    token = {"token": {"expires_at": "2099-01-01T00:00:00Z", "project": {"id": "p"}}}
    server.answer(201, token, {"X-Subject-Token": "t\xf6ken"})
    with pytest.raises(VendorUnavailable, match="holds no token"):
        sign_in(server.url)


def test_projects_with_hostile_names_are_told_in_one_short_line(server: ScriptedServer) -> None:
    server.answer(200, {"projects": [{"id": HOSTILE}, {"id": "x" * 100_000}]})
    key = Changing(Credentials(AccessKey("a", "s")))
    with pytest.raises(Misconfigured) as caught:
        find_project(ClientConfig(DEMO_REGION, server.url, server.url, key))
    assert unprintable(str(caught.value)) == set()
    assert len(str(caught.value)) < 1000
    connection(ClientConfig(DEMO_REGION, server.url, server.url, key)).http.close()


@IN_A_FOLDER
class TestTheVendorsTaskId:
    """It becomes a part of paths, keys and a workflow's name."""

    ids = pytest.mark.parametrize(
        "task_id",
        ["../../x", "..", "a/b", "a%2fb", "a?b", "a#b", "a\nb", "a\n", "", "x" * 65, "x" * 1_000_000, "ä", "a b", 7],
        ids=[
            "up",
            "dots",
            "slash",
            "escaped",
            "query",
            "fragment",
            "line",
            "end",
            "none",
            "65",
            "1M",
            "ä",
            "sp",
            "no.",
        ],
    )

    @ids
    def test_of_an_order_is_refused(self, task_id: object, vendor: VendorStandIn, start: Call, store: Store) -> None:
        vendor.script("connection-records", answer(200, json.dumps({"task_id": task_id}).encode()))
        vendor.script("list", answer(200, b'{"export_tasks": []}'))
        with pytest.raises(VendorUnavailable, match="names no task"):
            start(**RECORDS)
        assert list(store.keys("orders/by-task")) == []

    @ids
    def test_of_the_list_is_not_adopted(
        self, task_id: object, vendor: VendorStandIn, start: Call, store: Store
    ) -> None:
        task = {"task_id": task_id, "status": "SUCCESS", "create_time": to_wire(utc_now())}
        vendor.script("connection-records", answer(200, b"{}"))
        vendor.script("list", answer(200, json.dumps({"export_tasks": [task]}).encode()))
        with pytest.raises(VendorUnavailable, match=r"names no task|holds no export_tasks"):
            start(**RECORDS)
        assert list(store.keys("orders/by-task")) == []


@IN_A_FOLDER
class TestTheVendorsWords:
    """In errors, logs and manifests: one printable line each, short."""

    def test_of_an_error_are_one_printable_line(
        self, vendor: VendorStandIn, start: Call, capfd: pytest.CaptureFixture[str]
    ) -> None:
        body = json.dumps({"error_code": HOSTILE, "error_msg": HOSTILE * 100}).encode()
        headers = {"X-Request-Id": HOSTILE_HEADER, "Date": HOSTILE_HEADER}
        vendor.script("connection-records", answer(400, body, headers))
        with pytest.raises(ExportError) as caught:
            start(**RECORDS)
        self.check(str(caught.value), lines=4)
        self.check_log(capfd)

    def test_of_a_failed_task_are_one_printable_line(
        self, vendor: VendorStandIn, start: Call, poll: Call, fetch: Call, capfd: pytest.CaptureFixture[str]
    ) -> None:
        vendor.script("connection-records", fails(HOSTILE, HOSTILE))
        looked = poll(**start(**RECORDS))
        assert unprintable(looked["fail_reason"] + looked["error_code"]) == set()
        with pytest.raises(TaskFailed) as caught:
            fetch(**looked)
        self.check(str(caught.value), lines=4)
        self.check_log(capfd)

    def test_of_a_file_decide_no_key_and_no_header(
        self, vendor: VendorStandIn, start: Call, poll: Call, fetch: Call, store: Store
    ) -> None:
        ordered = start(**RECORDS)
        name = f"../../../{HOSTILE}.xlsx"
        task = {"task_id": ordered["task_id"], "status": "SUCCESS", "file_name": name}
        vendor.script("list", answer(200, json.dumps({"export_tasks": [task]}).encode()))
        vendor.script("download", Misstate({"X-Request-Id": "a" * 5000, "Content-Disposition": f'x="{"../" * 99}"'}))
        archived = fetch(**poll(**ordered))["archived"]
        assert archived["key"].startswith(f"data/kind=connection-records/project_id={DEMO_PROJECT_ID}/day={DAY}/")
        assert archived["key"].count("..") == 0
        manifest = json.loads(store.read(archived["manifest_key"]) or b"")
        assert unprintable(manifest["file_name"]) == set()
        assert all(len(one) < 400 for one in manifest["vendor_request_ids"].values())

    def test_forged_by_who_calls_a_function_are_no_better(self, fetch: Call) -> None:
        """The state is ours, and yet anybody who may invoke a function can write one."""
        forged = {**RECORDS, "project_id": DEMO_PROJECT_ID, "task_id": "t", "ordered_at": to_wire(utc_now())}
        with pytest.raises(TaskFailed) as caught:
            fetch(**forged, status="FAIL", fail_reason=HOSTILE, error_code=HOSTILE)
        self.check(str(caught.value), lines=4)

    def check(self, text: str, lines: int) -> None:
        assert unprintable(text) == set()
        assert text.count("\n") + 1 <= lines
        assert len(text) < 2000

    def check_log(self, capfd: pytest.CaptureFixture[str]) -> None:
        written = capfd.readouterr().out
        assert unprintable(written) == set()
        assert all(isinstance(json.loads(line), dict) for line in written.splitlines())


class TestATerminal:
    """Nothing but what a command itself writes moves it, and no word is markup."""

    @pytest.fixture(autouse=True)
    def terminal(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("FORCE_COLOR", "1")
        monkeypatch.setenv("HOME", str(tmp_path))

    @IN_A_FOLDER
    def test_of_an_export_is_not_moved_by_the_vendor(
        self,
        vendor: VendorStandIn,
        environment: pytest.MonkeyPatch,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        words = "[link=https://evil.example]x[/link][/][red]" + HOSTILE
        vendor.script("connection-records", *[fails(words, words)] * 9)
        environment.setenv("POLL_SHORTEST_WAIT_SECONDS", "1")
        without_waits(environment)
        assert run("export", "connection-records", "--day", DAY, "--archive", str(tmp_path / "to")) == 1
        shown = capsys.readouterr()
        self.check(shown.out + shown.err)
        assert "[link=https://evil.example]x[/link][/][red]" in shown.err

    def test_of_an_export_shows_a_files_name_as_it_is(self, capsys: pytest.CaptureFixture[str]) -> None:
        with _showing(open_console()) as show:
            show("fetching [/nothing][red]" + HOSTILE)
        self.check(capsys.readouterr().out)

    def test_of_the_doctor_is_not_moved(self, capsys: pytest.CaptureFixture[str]) -> None:
        show_results(open_console(), [(CHECKS[0], failed(HOSTILE, f"[red]{HOSTILE}"))])
        shown = capsys.readouterr().out
        self.check(shown)
        assert "[red]" in shown

    @pytest.mark.parametrize("options", [[], ["--json"]], ids=["lines", "json"])
    def test_of_who_verifies_is_not_moved_by_a_key(
        self, options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file = tmp_path / "archive" / "manifests" / "a\u202eb\u0085[red]c.json"
        file.parent.mkdir(parents=True)
        file.write_bytes(b"{}")
        assert run("verify", "--archive", str(tmp_path / "archive"), *options) == 2
        self.check(capsys.readouterr().out)

    def check(self, shown: str) -> None:
        assert not set("\x00\x07\x7f\x85\u2028\u202e") & set(shown)
        assert not {"\x1b]0", "\x1b[2J\u202e", "\x1b]8;"} & {shown[at : at + 4] for at in range(len(shown))}
        assert "\x1b]" not in shown


@IN_A_FOLDER
class TestALogAtItsLowestLevel:
    """With every library's logger at DEBUG: no key, token, signature, filter or signed URL."""

    @pytest.fixture
    def everything(self) -> Iterator[io.StringIO]:
        written = io.StringIO()
        handler, root = logging.StreamHandler(written), logging.getLogger()
        level = root.level
        root.addHandler(handler)
        root.setLevel(logging.DEBUG)
        yield written
        root.removeHandler(handler)
        root.setLevel(level)

    def test_holds_no_secret_of_a_key_or_a_login(
        self,
        vendor: VendorStandIn,
        environment: pytest.MonkeyPatch,
        start: Call,
        poll: Call,
        fetch: Call,
        everything: io.StringIO,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        environment.setenv("LOG_LEVEL", "DEBUG")
        environment.setenv("POWERTOOLS_LOGGER_LOG_EVENT", "true")
        fetch(**poll(**start(**RECORDS, filters={"user_name": "canary-person"})))
        login = ClientConfig(DEMO_REGION, vendor.url, vendor.url, Changing(Credentials(LOGIN)), DEMO_PROJECT_ID)
        connection(login).http.get(f"/v2/{DEMO_PROJECT_ID}/export-tasks")
        written = everything.getvalue() + "".join(capfd.readouterr())
        assert "done" in written
        assert leaks(written) == []
        assert "X-Subject-Token" not in written
        assert "HTTP Request:" not in written, "httpx writes whole URLs"

    def test_not_even_where_powertools_is_told_that_this_is_development(
        self, environment: pytest.MonkeyPatch, vendor: VendorStandIn, capfd: pytest.CaptureFixture[str]
    ) -> None:
        environment.setenv("POWERTOOLS_DEV", "true")
        event = http_event("POST", "/exports", json.dumps({**RECORDS, "filters": {"user_name": "canary-person"}}))
        event["headers"]["authorization"] = "Bearer canary-token"
        _resolver.cache_clear()
        assert start_export.handler(event, CONTEXT)["statusCode"] == 202
        assert "canary" not in "".join(capfd.readouterr())


@IN_A_FOLDER
def test_a_failure_on_the_way_is_told_without_the_request(environment: pytest.MonkeyPatch, start: Call) -> None:
    """Along the whole chain of causes, which some runtimes print."""
    environment.setenv("WORKSPACE_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(VendorUnavailable) as caught:
        start(**RECORDS, filters={"user_name": "canary-person"})
    chain: list[BaseException] = [caught.value]
    while cause := chain[-1].__cause__ or chain[-1].__context__:
        assert cause not in chain
        chain.append(cause)
    shown = "".join(f"{one} {one!r} {vars(one)}" for one in chain)
    assert leaks(shown) == []
    assert "SDK-HMAC" not in shown
    assert not isinstance(caught.value.__cause__, httpx.HTTPStatusError)


@IN_A_FOLDER
def test_secrets_that_the_vendor_repeats_are_hidden(vendor: VendorStandIn, start: Call) -> None:
    said = 'got password="canary-1", ak=canary-2, sk: canary-3 at https://a.example/x?Signature=canary-4'
    vendor.script("connection-records", error(400, "WKS.1", said))
    with pytest.raises(ExportError) as caught:
        start(**RECORDS)
    assert "canary" not in str(caught.value)
