"""The handlers on a storage that misbehaves: what each fault of each call comes to, and that a replay lands once."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from functions.record_failure import app as record_failure
from functions.report_archive import app as report_archive
from functions.show_coverage import app as show_coverage
from local.faults.connections import DROP_BEFORE_WORK, LOSE_ANSWER, NORMALLY
from local.standin.accounts import DEMO_PROJECT_ID
from local.standin.clock import SettableClock
from local.standin.server import VendorStandIn
from local.standin.tasks import Fate
from tests.support.builders.requests import ACCESS, DAY, RECORDS
from tests.support.checks.leaks import CANARIED
from tests.support.fixtures.handlers import Call
from tests.support.lambda_context import CONTEXT
from tests.support.servers.faulty_storage.faults import FAULTS, Fault, Stale, faults_for
from tests.support.servers.faulty_storage.server import MisbehavingStorage
from workspace_exports.archive.layout import data_key
from workspace_exports.core.errors import ArchiveUnavailable, ExportError, Misconfigured
from workspace_exports.events import OrderedExport
from workspace_exports.exports import EXPORTS
from workspace_exports.storage.store import Store, open_store

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

pytestmark = pytest.mark.parametrize("archive_url", ["s3"], indirect=True)

MIB = 1024 * 1024
HANGS = frozenset({"hang", "hang after work"})
MOST_ATTEMPTS = 6
SPENT = 300.0
"""Seconds in the making."""
SOME_DAYS = {"kinds": ["connection-records"], "first_day": DAY, "last_day": DAY}


@pytest.fixture
def impatient(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, s3: MisbehavingStorage) -> None:
    """Nobody waits two minutes for a storage that hangs; here as there, nothing is asked again after that."""
    if str(request.node.callspec.params.get("fault")) in HANGS:
        monkeypatch.setattr("workspace_exports.storage.s3._REQUEST_TIMEOUT", "2s")
        monkeypatch.setattr("workspace_exports.storage.s3._RETRY_TIMEOUT", timedelta(seconds=1))


@dataclass
class Stage:
    """What a scene is played on."""

    vendor: VendorStandIn
    clock: SettableClock
    store: Store
    start: Call
    poll: Call
    fetch: Call
    plan: Call

    def land(self) -> dict[str, Any]:
        """What a later run does, on a storage that is well again."""
        archived: dict[str, Any] = self.fetch(**self.poll(**self.start(**RECORDS)))["archived"]
        return archived


@pytest.fixture
def stage(
    vendor: VendorStandIn,
    clock: SettableClock,
    archive_url: str,
    impatient: None,
    start: Call,
    poll: Call,
    fetch: Call,
    plan: Call,
) -> Stage:
    return Stage(vendor, clock, open_store(archive_url), start, poll, fetch, plan)


Act = Callable[[], dict[str, Any]]


def starting(stage: Stage) -> Act:
    return lambda: stage.start(**RECORDS)


def starting_again(stage: Stage) -> Act:
    stage.start(**RECORDS)
    return lambda: stage.start(**RECORDS)


def polling(stage: Stage) -> Act:
    """While the vendor is at it: of a finished task nothing is asked of the storage."""
    stage.vendor.script("connection-records", Fate(task_seconds=SPENT))
    ordered = stage.start(**RECORDS)

    def act() -> dict[str, Any]:
        try:
            return stage.poll(**ordered)
        finally:
            stage.clock.advance(seconds=SPENT)

    return act


def fetching(stage: Stage) -> Act:
    """With something left over from an earlier fetch."""
    looked = stage.poll(**stage.start(**RECORDS))
    ordered = OrderedExport.model_validate(
        {name: looked[name] for name in OrderedExport.model_fields if name in looked}
    )
    stage.store.replace(data_key(ordered, "0000dead", ".xlsx"), b"half a file")
    return lambda: stage.fetch(**looked)


def planning(stage: Stage) -> Act:
    return lambda: stage.plan(kinds=["connection-records"])


def recording(stage: Stage) -> Act:
    caught = {"Error": "VendorUnavailable", "Cause": json.dumps({"errorMessage": "away"})}
    return lambda: record_failure.handler({"request": RECORDS, "state": {"failure": caught}}, CONTEXT)


def reporting(stage: Stage) -> Act:
    run = stage.plan(**SOME_DAYS)
    stage.land()
    return lambda: report_archive.handler(run, CONTEXT)


def showing(stage: Stage) -> Act:
    stage.plan(kinds=["connection-records"])
    stage.land()
    recording(stage)()
    return lambda: show_coverage.handler({}, CONTEXT)


SCENES: Mapping[str, Callable[[Stage], Act]] = {
    "start-export": starting,
    "start-export again": starting_again,
    "poll-status": polling,
    "fetch-file": fetching,
    "plan-archive": planning,
    "record-failure": recording,
    "report-archive": reporting,
    "show-coverage": showing,
}


DAILY = sum(export.window.has_days for export in EXPORTS.values())
"""Kinds that are archived day after day; each has its lists."""

USED: Mapping[str, Mapping[str, int]] = {
    "start-export": {"get": 2, "put": 5},
    "start-export again": {"get": 2, "put": 1},
    "poll-status": {"get": 1},
    "fetch-file": {
        "get": 3,
        "create-multipart": 1,
        "upload-part": 1,
        "complete-multipart": 1,
        "create": 1,
        "list": 2,
        "delete": 1,
    },
    "plan-archive": {
        "get": 1,
        "list": 2,
        "create": 1,
        "create-multipart": 1,
        "upload-part": 1,
        "complete-multipart": 1,
    },
    "record-failure": {"put": 1},
    "report-archive": {"get": 3, "list": 6 + 2 * DAILY, "put": 1},
    "show-coverage": {"get": 4, "list": 5 + 2 * DAILY, "put": 1},
}

REFUSED = HANGS | {
    "AccessDenied",
    "ExpiredToken",
    "KMS denied",
    "KMS.DisabledException",
    "RequestExpired",
    "RequestTimeout",
}
"""Nothing asks again within the call."""
NO_S3 = frozenset({"captive page"})
CUT = frozenset({"body breaks off", "listing cut short"})
OTHER = frozenset({"other bytes"})
CONFLICTS = frozenset({"ConditionalRequestConflict", "PreconditionFailed"})
UNREADABLE = REFUSED | CUT | OTHER

ENDS: Mapping[str, Mapping[str, frozenset[str]]] = {
    "start-export": {
        "get 1": UNREADABLE | NO_S3,
        "get 2": UNREADABLE,
        "put 1": REFUSED | NO_S3,
        "put 2": REFUSED | NO_S3,
    },
    "start-export again": {"get 1": UNREADABLE | NO_S3, "get 2": REFUSED},
    "poll-status": {"get 1": UNREADABLE | NO_S3},
    "fetch-file": {
        "get 1": UNREADABLE | NO_S3,
        "get 2": REFUSED,
        "create-multipart 1": REFUSED | NO_S3,
        "upload-part 1": REFUSED | NO_S3,
        "complete-multipart 1": REFUSED | NO_S3,
        "create 1": REFUSED - {"hang after work"} | NO_S3 | CONFLICTS,
    },
    "plan-archive": {
        "get 1": UNREADABLE | NO_S3,
        "list 1": REFUSED | CUT,
        "list 2": REFUSED | CUT,
        "create 1": REFUSED | NO_S3,
        "create-multipart 1": REFUSED | NO_S3,
        "upload-part 1": REFUSED | NO_S3,
        "complete-multipart 1": REFUSED | NO_S3,
    },
    "record-failure": {},
    "report-archive": {
        "get 1": REFUSED | OTHER | NO_S3 | {"not found"},
        "get 2": REFUSED | OTHER | NO_S3,
        "get 3": UNREADABLE | NO_S3,
        **{f"list {nth}": REFUSED | CUT for nth in range(1, 11)},
        "put 1": REFUSED | NO_S3,
    },
    "show-coverage": {
        "get 1": UNREADABLE | NO_S3,
        "get 2": REFUSED | OTHER | NO_S3,
        "get 3": UNREADABLE,
        "get 4": REFUSED,
        **{f"list {nth}": REFUSED | CUT for nth in range(1, 14)},
    },
}
"""What ends a call; all else is asked again within it, or does without. The number says which call of the operation."""

TARGETS = {("plan-archive", "get 1"), ("report-archive", "get 3"), ("show-coverage", "get 1")}
"""Where the list of projects is read: whatever is in its place is taken for one."""
ORDER_BOOK = ("start-export again", "get 2")
"""Where an earlier order is looked up: one that is not found there is made once more."""
NEVER_HEARD_OF = {"answer lost", "hang after work"}

SAYS: Mapping[str, str] = {
    "AccessDenied": r"AccessDenied\)\.\sAllow s3:",
    "ConditionalRequestConflict": "Another fetch wrote the window's manifest",
    "ExpiredToken": r"ExpiredToken\)\.\sRenew the key",
    "KMS denied": r"AccessDenied\)\.\sAllow s3:.*kms:Decrypt on",
    "KMS.DisabledException": r"KMS\.DisabledException\)\.\sCheck the KMS key",
    "PreconditionFailed": "Another fetch wrote the window's manifest",
    "RequestExpired": r"RequestExpired\)\.\sRenew the key",
    "RequestTimeout": r"RequestTimeout\)\.\sTry again",
    "hang": r"no answer in time\)\.\sTry again",
    "hang after work": r"no answer in time\)\.\sTry again",
}
"""S3's code, and what to do; of what is no S3's answer there is none to tell."""

AT_ONCE = {
    "start-export": {"SlowDown", "AccessDenied", "answer lost", "stale listing", "not found", "other bytes"},
    "fetch-file": {"SlowDown", "AccessDenied", "answer lost", *CONFLICTS},
}
"""In a second each; the rest is long."""
OF_EVERY_OPERATION = {"SlowDown", "AccessDenied", *CONFLICTS}
"""In `make test`; what else is short is left to `make check`."""


def cases() -> Iterator[Any]:
    """The first call of each operation that a scene makes, and the last one.

    Every fault of a scene and every call of it belong to `make test-long`; what combines them further is nightly.
    """
    met = set[tuple[str, str]]()
    for scene, used in USED.items():
        for operation, times in used.items():
            for fault in faults_for(operation):
                for nth in sorted({1, times}):
                    short = fault in AT_ONCE.get(scene, ()) and (nth == 1 or (scene, f"get {nth}") == ORDER_BOOK)
                    now = short and fault in OF_EVERY_OPERATION
                    is_new = not {(scene, fault), (scene, f"{operation} {nth}")} <= met
                    met |= {(scene, fault), (scene, f"{operation} {nth}")}
                    long = pytest.mark.long if is_new else pytest.mark.nightly
                    marks = () if now else pytest.mark.check if short else long
                    yield pytest.param(
                        scene, operation, fault, nth, id=f"{scene}-{operation} {nth}-{fault}", marks=marks
                    )


def what_is_said(scene: str, call: str, fault: str) -> tuple[type[ExportError], str] | None:
    """What ends the call; None where it does not end."""
    if fault not in ENDS[scene].get(call, ()):
        return None
    if fault in NO_S3 and (scene, call) in TARGETS:
        return Misconfigured, "the function is not set to read it"
    if fault == "hang after work" and call.startswith("complete-multipart"):
        return ArchiveUnavailable, r"NoSuchUpload\)\.\sTry again"
    return ArchiveUnavailable, SAYS.get(fault, "")


@pytest.mark.parametrize("scene", SCENES)
def test_a_handler_asks_the_storage_for_this(scene: str, stage: Stage, s3: MisbehavingStorage) -> None:
    act = SCENES[scene](stage)
    s3.forget()
    act()
    assert Counter(call.operation for call in s3.requests) == USED[scene]


@pytest.mark.parametrize(("scene", "operation", "fault", "nth"), list(cases()))
def test_a_fault_comes_to_what_is_documented_and_a_replay_lands_once(
    scene: str, operation: str, fault: str, nth: int, stage: Stage, s3: MisbehavingStorage, uploads: Callable[[], int]
) -> None:
    act, call = SCENES[scene](stage), f"{operation} {nth}"
    s3.forget()
    s3.script(operation, *[NORMALLY] * (nth - 1), FAULTS[fault])
    expected = what_is_said(scene, call, fault)
    if expected:
        with pytest.raises(expected[0], match=re.compile(expected[1], re.DOTALL)):
            act()
    else:
        act()
    assert s3.pending_faults == {}
    assert len(s3.calls(operation)) <= USED[scene][operation] + 1
    stage.land()
    one_more = (scene, call) == ORDER_BOOK and fault in OTHER | NO_S3 | {"not found"}
    the_only_export(stage, tasks=2 if one_more else 1)
    assert uploads() == (1 if operation == "create-multipart" and fault in NEVER_HEARD_OF else 0)


@pytest.fixture
def uploads(s3_client: "S3Client", bucket: str) -> Callable[[], int]:
    """How many uploads were begun and neither completed nor aborted: the bucket's lifecycle rule ends them."""
    return lambda: len(s3_client.list_multipart_uploads(Bucket=bucket).get("Uploads", []))


def the_only_export(stage: Stage, tasks: int = 1) -> None:
    """One manifest, and one data object that is what the vendor holds."""
    (manifest_key,), (key,) = list(stage.store.keys("manifests/")), list(stage.store.keys("data/"))
    manifest = json.loads(stage.store.read(manifest_key) or b"")
    assert manifest["key"] == key
    assert b"".join(stage.store.chunks(key)) == stage.vendor.report(manifest["task_id"])
    assert len(stage.vendor.tasks) == tasks


@pytest.mark.check
@pytest.mark.parametrize("fault", ["SlowDown", "dropped"])
@pytest.mark.parametrize("operation", ["get", "create-multipart", "upload-part", "complete-multipart", "create"])
def test_attempts_are_bounded(operation: str, fault: str, stage: Stage, s3: MisbehavingStorage) -> None:
    act = fetching(stage)
    s3.forget()
    s3.script(operation, *[FAULTS[fault]] * MOST_ATTEMPTS)
    with pytest.raises(ArchiveUnavailable, match=r"(SlowDown|broke off)\)\.\sTry again"):
        act()
    assert s3.pending_faults == {}
    stage.land()
    the_only_export(stage)


@pytest.mark.check
class TestLostAnswers:
    def test_a_manifest_with_a_lost_answer_is_found_and_kept(self, stage: Stage, s3: MisbehavingStorage) -> None:
        """The retries meet 412 by our own write, and reading who wrote it fails as well."""
        act = fetching(stage)
        s3.script("create", LOSE_ANSWER)
        s3.script("get", NORMALLY, NORMALLY, *[FAULTS["SlowDown"]] * MOST_ATTEMPTS)
        assert act()["archived"]["outcome"] == "already-landed"
        assert s3.pending_faults == {}
        the_only_export(stage)

    def test_a_manifest_whose_every_answer_is_lost_stands(self, stage: Stage, s3: MisbehavingStorage) -> None:
        act = fetching(stage)
        s3.script("create", *[LOSE_ANSWER] * MOST_ATTEMPTS)
        assert act()["archived"]["outcome"] == "landed"
        assert s3.pending_faults == {}
        the_only_export(stage)

    def test_an_object_with_a_lost_answer_is_removed_by_the_next_fetch(
        self, stage: Stage, s3: MisbehavingStorage
    ) -> None:
        """moto forgets an upload that was completed, which AWS S3 answers with success for a while."""
        act = fetching(stage)
        s3.script("complete-multipart", *[LOSE_ANSWER] * MOST_ATTEMPTS)
        with pytest.raises(ArchiveUnavailable):
            act()
        assert list(stage.store.keys("manifests/")) == []
        stage.land()
        the_only_export(stage)

    def test_a_fetch_that_lost_a_race_removes_its_own_file_only(self, stage: Stage, s3: MisbehavingStorage) -> None:
        looked = stage.poll(**stage.start(**RECORDS))
        stage.fetch(**looked)
        s3.script("get", FAULTS["not found"])
        assert stage.fetch(**looked)["archived"]["outcome"] == "already-landed"
        assert s3.pending_faults == {}
        the_only_export(stage)


@pytest.mark.check
class TestStaleListing:
    def test_what_has_landed_is_planned_again_but_neither_ordered_nor_landed(
        self, stage: Stage, s3: MisbehavingStorage
    ) -> None:
        stage.land()
        assert stage.plan(**SOME_DAYS)["planned"] == 0
        s3.script("list", NORMALLY, Stale())
        assert stage.plan(**SOME_DAYS)["planned"] == 1
        assert s3.pending_faults == {}
        assert stage.land()["outcome"] == "already-landed"
        the_only_export(stage)
        assert stage.plan(**SOME_DAYS)["planned"] == 0

    def test_the_ledger_is_wrong_for_as_long_as_the_listing(self, stage: Stage, s3: MisbehavingStorage) -> None:
        stage.plan(kinds=["connection-records"])
        stage.land()
        s3.script("list", NORMALLY, Stale())
        request = {"kind": "connection-records", "project_id": DEMO_PROJECT_ID}
        told = [show_coverage.handler(request | {"first_day": DAY}, CONTEXT)["totals"]["archived"]]
        told.append(show_coverage.handler(request | {"first_day": "2026-01-01"}, CONTEXT)["totals"]["archived"])
        assert told == [0, 1]

    def test_a_leftover_it_does_not_show_waits_for_the_next_fetch(self, stage: Stage, s3: MisbehavingStorage) -> None:
        act = fetching(stage)
        s3.script("list", Stale())
        act()
        assert len(list(stage.store.keys("data/"))) == 2
        stage.land()
        the_only_export(stage)

    @pytest.mark.parametrize("fault", [Stale(), FAULTS["captive page"]], ids=["stale", "no listing"])
    def test_a_strangers_task_is_not_taken_for_ours(
        self, fault: Fault, stage: Stage, s3: MisbehavingStorage, environment: pytest.MonkeyPatch
    ) -> None:
        """The order book's listing tells whose the vendor's tasks are; one without our own order tells nothing."""
        environment.setenv("VENDOR_ATTEMPTS", "2")
        first = stage.start(**ACCESS)
        stage.vendor.script("connection-records", DROP_BEFORE_WORK)
        s3.script("list", fault)
        second = stage.start(**RECORDS)
        assert s3.pending_faults == {}
        assert [task.task_id for task in stage.vendor.tasks] == [first["task_id"], second["task_id"]]


@pytest.mark.check
class TestInMidUpload:
    """A file of more than one part."""

    @pytest.fixture
    def vendor(self, clock: SettableClock) -> Iterator[VendorStandIn]:
        with VendorStandIn(contents=CANARIED, task_seconds=0, clock=clock, report_padding_bytes=9 * MIB) as vendor:
            yield vendor

    @pytest.mark.parametrize("fault", ["ExpiredToken", "RequestExpired", "KMS denied", "RequestTimeout"])
    def test_a_second_part_that_is_refused_ends_the_upload(
        self, fault: str, stage: Stage, s3: MisbehavingStorage, uploads: Callable[[], int]
    ) -> None:
        act = fetching(stage)
        s3.forget()
        s3.script("upload-part", NORMALLY, FAULTS[fault])
        with pytest.raises(ArchiveUnavailable, match=re.compile(SAYS[fault], re.DOTALL)):
            act()
        assert s3.pending_faults == {}
        assert [call.status for call in s3.calls("abort-multipart")] == [204]
        assert uploads() == 0
        assert list(stage.store.keys("manifests/")) == []
        stage.land()
        the_only_export(stage)

    @pytest.mark.parametrize("fault", ["SlowDown", "dropped", "answer lost"])
    def test_a_second_part_that_is_sent_again_is_in_the_file_once(
        self, fault: str, stage: Stage, s3: MisbehavingStorage
    ) -> None:
        act = fetching(stage)
        s3.forget()
        s3.script("upload-part", NORMALLY, FAULTS[fault])
        assert act()["archived"]["outcome"] == "landed"
        assert len(s3.calls("upload-part")) == 3
        the_only_export(stage)

    def test_an_upload_that_cannot_even_be_aborted_is_left_to_the_lifecycle_rule(
        self, stage: Stage, s3: MisbehavingStorage, uploads: Callable[[], int]
    ) -> None:
        act = fetching(stage)
        s3.script("upload-part", NORMALLY, FAULTS["ExpiredToken"])
        s3.script("abort-multipart", FAULTS["ExpiredToken"])
        with pytest.raises(ArchiveUnavailable, match="ExpiredToken"):
            act()
        assert s3.pending_faults == {}
        stage.land()
        the_only_export(stage)
        assert uploads() == 1
