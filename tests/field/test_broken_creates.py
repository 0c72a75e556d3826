"""Connections that break around a conditional create, before the work and after it: the create is asked again, and its
own write is told from another's.
"""

import json

import pytest

from local.faults.connections import DROP_BEFORE_WORK, LOSE_ANSWER, NORMALLY
from tests.support.builders.requests import RECORDS
from tests.support.fixtures.handlers import Call
from tests.support.servers.faulty_storage.faults import FAULTS, Fault, Reset
from tests.support.servers.faulty_storage.server import MisbehavingStorage
from workspace_exports.core.errors import ArchiveUnavailable
from workspace_exports.storage.store import Store

pytestmark = pytest.mark.parametrize("archive_url", ["s3"], indirect=True)

BEFORE, AFTER = Reset(), Reset(after_work=True)
BROKEN: dict[str, tuple[Fault, ...]] = {
    "reset before": (BEFORE,),
    "reset after": (AFTER,),
    "reset before, three times": (BEFORE,) * 3,
    "reset after, three times": (AFTER,) * 3,
    "reset before, then after": (BEFORE, AFTER),
    "reset after, then before": (AFTER, BEFORE),
    "closed before": (DROP_BEFORE_WORK,),
    "closed after": (LOSE_ANSWER,),
    "reset after, then closed": (AFTER, LOSE_ANSWER),
    "reset after, then busy": (AFTER, FAULTS["SlowDown"]),
    "every answer lost": (AFTER,) * 5,
}


def only_manifest(store: Store) -> dict[str, object]:
    (key,) = store.keys("manifests/")
    (data,) = store.keys("data/")
    manifest: dict[str, object] = json.loads(store.read(key) or b"")
    assert manifest["key"] == data
    return manifest


@pytest.mark.parametrize(
    "case", [pytest.param(case, marks=pytest.mark.check if number % 3 else ()) for number, case in enumerate(BROKEN)]
)
def test_what_this_fetch_has_written_has_landed(
    case: str, s3: MisbehavingStorage, store: Store, start: Call, poll: Call, fetch: Call
) -> None:
    looked = poll(**start(**RECORDS))
    s3.script("create", *BROKEN[case])
    archived = fetch(**looked)["archived"]
    assert s3.pending_faults == {}
    assert (archived["outcome"], archived["key"]) == ("landed", only_manifest(store)["key"])


def test_a_storage_that_always_breaks_off_before_the_work_is_away(
    s3: MisbehavingStorage, store: Store, start: Call, poll: Call, fetch: Call
) -> None:
    looked = poll(**start(**RECORDS))
    s3.script("create", *[BEFORE] * 5)
    with pytest.raises(ArchiveUnavailable, match=r"the connection broke off\)\.\sTry again"):
        fetch(**looked)
    assert len(s3.calls("create")) == 5
    assert list(store.keys("manifests/")) == []


@pytest.mark.parametrize("fault", [BEFORE, AFTER, LOSE_ANSWER, NORMALLY], ids=["before", "after", "lost", "none"])
def test_what_another_fetch_has_written_had_landed_already(
    fault: Fault, s3: MisbehavingStorage, store: Store, start: Call, poll: Call, fetch: Call
) -> None:
    """The other's manifest comes to be while this one is fetching: it is not found before."""
    looked = poll(**start(**RECORDS))
    other = fetch(**looked)["archived"]
    s3.script("get", FAULTS["not found"])
    s3.script("create", fault)
    archived = fetch(**looked)["archived"]
    assert s3.pending_faults == {}
    assert (archived["outcome"], archived["key"]) == ("already-landed", other["key"])
    assert only_manifest(store)["key"] == other["key"]


def test_the_same_words_are_ones_own_and_others_are_not(s3: MisbehavingStorage, store: Store) -> None:
    s3.script("create", AFTER)
    assert store.create("since/x.json", b"first")
    assert not store.create("since/x.json", b"first ")
    s3.script("create", AFTER)
    assert not store.create("since/x.json", b"second")
    assert store.read("since/x.json") == b"first"
