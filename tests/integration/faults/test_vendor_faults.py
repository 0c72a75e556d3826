"""Every fault the stand-in has a name for, on every call the handlers make: one told outcome, nothing doubled."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.fetch_file import app as fetch_file
from functions.poll_status import app as poll_status
from functions.start_export import app as start_export
from local.faults.connections import LOSE_ANSWER
from local.standin.accounts import DEMO_DOMAIN_NAME, DEMO_PASSWORD, DEMO_PROJECT_ID, DEMO_USER_NAME
from local.standin.clock import SettableClock
from local.standin.faults.answers import redirect
from local.standin.faults.catalogue import FAULTS, Course, faults_for
from local.standin.server import VendorStandIn
from local.standin.tasks import Fate
from tests.support.builders.requests import ACCESS, RECORDS
from tests.support.checks.landed import landed
from tests.support.checks.leaks import CANARIED, leaks
from tests.support.lambda_context import lambda_context
from tests.support.servers.scripted_http import ScriptedServer
from workspace_exports.client.connections import close_connections
from workspace_exports.core.errors import ExportError, FetchAgain, Final, LookLater, OrderAgain, VendorUnavailable
from workspace_exports.storage.store import Store

Environment = pytest.MonkeyPatch
Event = dict[str, Any]

pytestmark = pytest.mark.parametrize("archive_url", ["folder"], indirect=True)

AMPLE_SECONDS = 30.0
SHORT_SECONDS = {"download": 9.0, "delete": 9.0}
"""What a function has where a fault outlasts it; a download keeps six of them back."""
SHORTEST_SECONDS = 3.0


@dataclass(frozen=True)
class Stage:
    """A call of the chain, by the operation that it makes; what is asked for, and what is the matter before it."""

    operation: str
    request: Mapping[str, Any] = field(default_factory=lambda: RECORDS)
    loses_answer: bool = False
    looks_before: bool = True


STAGES = {
    "order": Stage("connection-records"),
    "order-by-post": Stage("app-user-access", ACCESS),
    "adoption": Stage("list", loses_answer=True),
    "look": Stage("list"),
    "look-of-fetch": Stage("list", looks_before=False),
    "download": Stage("download"),
    "deletion": Stage("delete"),
    "project": Stage("projects"),
    "sign-in": Stage("tokens"),
}
COST_A_TASK: Mapping[str, set[str]] = {
    # The task is beyond help, or its file is: whole, and no workbook.
    "order": {"task-failed", "task-expired"},
    "order-by-post": {"task-failed", "task-expired"},
    "download": {"page-for-file", "error-for-file", "longer-file"},
    # Ours cannot be told from many that are as young.
    "adoption": {"arrivals"},
}
"""What makes a run order a second time, by stage; nothing makes it order a third time."""

AT_ONCE = {"throttled", "lost-answer", "unauthorized", "page-for-json"}
"""In the default suite at every stage; any other at the first that can meet it, and at all in the long one."""
OF_EVERY_RUN = {"order", "adoption", "look", "download"}
"""At other stages, what is not met for the first time is left to `make check`."""
SLOW = {(stage, "silence") for stage in ("deletion", "project", "sign-in")}
"""Eight seconds each."""


def cases() -> Iterator[Any]:
    """Every fault at every stage that can meet it.

    CI has each fault of each operation once; the same at a further stage of the operation is nightly.
    """
    met, of_operations = set[str](), set[tuple[str, str]]()
    for stage, where in STAGES.items():
        for name in faults_for(where.operation):
            is_slow = (stage, name) in SLOW
            short, first = name in AT_ONCE and not is_slow, name not in met and not is_slow
            now = first or (short and stage in OF_EVERY_RUN)
            long = pytest.mark.nightly if (where.operation, name) in of_operations else pytest.mark.long
            met.add(name)
            of_operations.add((where.operation, name))
            marks = () if now else pytest.mark.check if short else long
            yield pytest.param(stage, name, id=f"{stage}-{name}", marks=marks)


@pytest.fixture
def login(environment: Environment, s3_endpoint: str, request: pytest.FixtureRequest) -> Iterator[Callable[[], None]]:
    """Makes the handlers sign in with a user's password, which only a secret can hold."""
    client = boto3.client(
        "secretsmanager",
        endpoint_url=s3_endpoint,
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )

    def configure_login() -> None:
        text = {"user_name": DEMO_USER_NAME, "password": DEMO_PASSWORD, "domain_name": DEMO_DOMAIN_NAME}
        name = hashlib.sha256(request.node.nodeid.encode()).hexdigest()
        arn = client.create_secret(Name=name, SecretString=json.dumps(text))["ARN"]
        for variable in ("HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK"):
            environment.delenv(variable)
        environment.setenv("WORKSPACE_CREDENTIALS_SECRET_ARN", arn)
        role = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_ENDPOINT_URL": s3_endpoint}
        for variable, value in role.items():
            environment.setenv(variable, value)

    yield configure_login
    client.close()


@dataclass
class Chain:
    """The handlers one after the other, as a run calls them."""

    stage: Stage
    clock: SettableClock
    seconds: float = AMPLE_SECONDS

    def run(self) -> Event:
        """Orders, looks, looks again if the file is being made, fetches."""
        export = self._call(start_export.handler, dict(self.stage.request))
        if self.stage.looks_before:
            export = self._call(poll_status.handler, export)
        if export.get("status") == "CREATING":
            self.clock.advance(seconds=5)
            export = self._call(poll_status.handler, export)
        return self._call(fetch_file.handler, export)

    def _call(self, handler: Callable[[Event, LambdaContext], Event], event: Event) -> Event:
        result = handler(event, lambda_context(clock=lambda: self.seconds))
        assert leaks(json.dumps(result)) == []
        return result


def outcome(chain: Chain) -> ExportError | None:
    """What is raised, which is nothing but what the product says it raises."""
    try:
        chain.run()
    except ExportError as error:
        said = f"{error} {error!r} {vars(error)} {error.__cause__!r} {error.__context__!r}"
        assert leaks(said) == []
        assert "somebody" not in said
        return error
    return None


def check_archive(store: Store, vendor: VendorStandIn, *, manifests: int) -> None:
    """So many manifests, each of them of the whole file of a task there is, and nothing beside them."""
    keys = landed(store)
    found = [json.loads(store.read(key) or b"") for key in keys if key.startswith("manifests/")]
    assert len(found) == manifests
    assert sorted(key for key in keys if key.startswith("data/")) == sorted(manifest["key"] for manifest in found)
    for manifest in found:
        content = b"".join(store.chunks(manifest["key"]))
        assert hashlib.sha256(content).hexdigest() == manifest["sha256"]
        if manifest["task_id"] in {task.task_id for task in vendor.tasks}:
            assert content == vendor.report(manifest["task_id"])


@pytest.mark.parametrize(("stage", "name"), list(cases()))
def test_a_fault_has_one_told_outcome_and_loses_and_doubles_nothing(
    stage: str,
    name: str,
    vendor: VendorStandIn,
    clock: SettableClock,
    store: Store,
    environment: Environment,
    login: Callable[[], None],
) -> None:
    where, named = STAGES[stage], FAULTS[name]
    prepare(stage, environment, login, vendor, is_token_of_no_use=name == "revoked-token")
    lasts = named.course is Course.LASTS
    chain = Chain(where, clock, SHORT_SECONDS.get(where.operation, SHORTEST_SECONDS) if lasts else AMPLE_SECONDS)
    vendor.script(where.operation, named.fault)

    error = outcome(chain)

    assert vendor.pending_faults == {}
    if named.course is Course.PASSES:
        assert not isinstance(error, Final | LookLater), error
    elif error:
        assert isinstance(error, Final | OrderAgain | FetchAgain | VendorUnavailable | LookLater), error
    check_archive(store, vendor, manifests=0 if error else 1)
    close_connections()
    if not isinstance(named.fault, Fate) or not lasts:
        assert outcome(Chain(where, clock)) is None
        check_archive(store, vendor, manifests=1)
    assert vendor.tasks_made(DEMO_PROJECT_ID) == (2 if name in COST_A_TASK.get(stage, ()) else 1)


def prepare(
    stage: str, environment: Environment, login: Callable[[], None], vendor: VendorStandIn, *, is_token_of_no_use: bool
) -> None:
    """What must be so for the stage's call to be made at all."""
    if STAGES[stage].loses_answer:
        vendor.script("connection-records", LOSE_ANSWER)
    if stage == "deletion":
        environment.setenv("DELETE_AFTER_LANDING", "true")
    if stage in {"project", "sign-in"}:
        environment.delenv("HUAWEICLOUD_SDK_PROJECT_ID")
        environment.setenv("IAM_ENDPOINT", vendor.url)
    if stage == "sign-in" or (is_token_of_no_use and stage != "project"):
        environment.setenv("IAM_ENDPOINT", vendor.url)
        login()


@pytest.mark.check
def test_an_export_goes_its_way_among_a_hundred_thousand_tasks_even_if_its_answer_is_lost(
    clock: SettableClock, environment: Environment, store: Store
) -> None:
    with VendorStandIn(contents=CANARIED, task_seconds=0, clock=clock, crowd=100_000) as vendor:
        environment.setenv("WORKSPACE_ENDPOINT", vendor.url)
        vendor.script("connection-records", LOSE_ANSWER)
        assert outcome(Chain(STAGES["look"], clock)) is None
        check_archive(store, vendor, manifests=1)
        assert len(vendor.tasks) == 1
        assert [call.operation for call in vendor.requests] == ["connection-records", "list", "list", "download"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("stage", STAGES)
def test_a_foreign_host_that_is_pointed_to_hears_nothing(
    stage: str,
    status: int,
    vendor: VendorStandIn,
    environment: Environment,
    login: Callable[[], None],
    clock: SettableClock,
) -> None:
    prepare(stage, environment, login, vendor, is_token_of_no_use=False)
    with ScriptedServer() as elsewhere:
        vendor.script(STAGES[stage].operation, redirect(status, f"{elsewhere.url}/page"))
        error = outcome(Chain(STAGES[stage], clock))
        assert elsewhere.requests == []
    assert vendor.pending_faults == {}
    assert error is None if stage == "deletion" else isinstance(error, Final | VendorUnavailable)
