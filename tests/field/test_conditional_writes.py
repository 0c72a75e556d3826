"""Storages that cannot create an object only if there is none: PUT with If-None-Match is refused (501, 405, 400).

Those that pass over the condition are for `doctor` to notice: `tests/tools/test_doctor.py`.
"""

import pytest

from tests.support.builders.requests import RECORDS
from tests.support.fixtures.handlers import Call
from tests.support.servers.faulty_storage.faults import Answer, Fault, refusal
from tests.support.servers.faulty_storage.server import MisbehavingStorage
from workspace_exports.commands.doctor.archive_check import try_out
from workspace_exports.core.errors import ArchiveUnavailable, Misconfigured
from workspace_exports.storage.store import Store

pytestmark = pytest.mark.parametrize("archive_url", ["s3"], indirect=True)

HTML = {"Content-Type": "text/html"}
REFUSALS: dict[str, Fault] = {
    "NotImplemented, 501": refusal(501, "NotImplemented", "A header you provided implies functionality that is not."),
    "NotImplemented, 400": refusal(400, "NotImplemented"),
    "MethodNotAllowed": refusal(405, "MethodNotAllowed"),
    "InvalidArgument": refusal(400, "InvalidArgument", "Unsupported header: If-None-Match"),
    "InvalidRequest": refusal(400, "InvalidRequest"),
    "BadRequest": refusal(400, "BadRequest"),
    "NotSupported": refusal(501, "NotSupported"),
    "OperationNotSupported": refusal(405, "OperationNotSupported"),
    "501 without a word": Answer(501),
    "405 of a gateway": Answer(405, b"<html>Not allowed</html>", HTML),
    "400 without a word": Answer(400),
}


@pytest.fixture(autouse=True)
def asked_once(monkeypatch: pytest.MonkeyPatch, archive_url: str) -> None:
    """A 501 is not asked for six times."""
    monkeypatch.setattr("workspace_exports.storage.s3._MOST_RETRIES", 0)


@pytest.mark.parametrize("kind", REFUSALS)
def test_an_export_ends_with_what_to_do_and_leaves_no_file(
    kind: str, s3: MisbehavingStorage, store: Store, start: Call, poll: Call, fetch: Call
) -> None:
    looked = poll(**start(**RECORDS))
    s3.script("create", REFUSALS[kind])
    with pytest.raises(Misconfigured, match="cannot create an object only if it is absent") as caught:
        fetch(**looked)
    assert "\nUse another storage for the archive: this one does not take PUT with If-None-Match" in str(caught.value)
    assert [*store.keys("data/"), *store.keys("manifests/"), *store.keys("doctor/")] == []


def test_the_first_plan_says_it_too(s3: MisbehavingStorage, store: Store, plan: Call) -> None:
    s3.script("create", REFUSALS["MethodNotAllowed"])
    with pytest.raises(Misconfigured, match="Use another storage"):
        plan(kinds=["connection-records"])
    assert list(store.keys("")) == []


@pytest.mark.parametrize("kind", ["NotImplemented, 501", "InvalidArgument", "InvalidRequest", "MethodNotAllowed"])
def test_where_no_write_is_taken_the_checksum_may_be_what_is_not_known(
    kind: str, s3: MisbehavingStorage, store: Store
) -> None:
    s3.script("create", REFUSALS[kind])
    s3.script("put", REFUSALS[kind])
    with pytest.raises(ArchiveUnavailable, match="ARCHIVE_CHECKSUM=none"):
        store.create("manifests/x.json", b"{}")


@pytest.mark.parametrize("code", ["AccessDenied", "ExpiredToken", "KMS.DisabledException", "RequestTimeout"])
def test_another_refusal_stays_what_it_is(code: str, s3: MisbehavingStorage, store: Store) -> None:
    s3.script("create", refusal(400, code))
    with pytest.raises(ArchiveUnavailable, match=code):
        store.create("manifests/x.json", b"{}")
    assert s3.calls("put") == ()


@pytest.mark.parametrize("kind", REFUSALS)
def test_doctor_says_it(kind: str, s3: MisbehavingStorage, store: Store) -> None:
    s3.script("create", REFUSALS[kind])
    finding = try_out(store, "doctor/x.json")
    assert "cannot create an object only if it is absent" in finding.said
    assert "Use another storage" in (finding.remedy or "")
