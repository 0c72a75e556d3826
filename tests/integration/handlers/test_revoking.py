"""A day that is taken back twice: by a call that had died before, and after its task has landed once more."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from local.standin.accounts import DEMO_PROJECT_ID
from tests.support.builders.requests import DAY, RECORDS
from tests.support.fixtures.handlers import Call
from tests.support.processes.dying_function import Died, Effects, die
from workspace_exports.archive.layout import SeriesName
from workspace_exports.archive.revocations import Revocation
from workspace_exports.core.clock import utc_now
from workspace_exports.core.errors import ArchiveUnavailable, Rejected
from workspace_exports.lifecycle.revoke import revoke
from workspace_exports.storage.store import Store

SERIES = SeriesName(DEMO_PROJECT_ID, RECORDS["kind"])
FOLDER = f"kind={RECORDS['kind']}/project_id={DEMO_PROJECT_ID}/day={DAY}"
MANIFEST = f"manifests/{FOLDER}.json"


@pytest.fixture
def landed(start: Call, poll: Call, fetch: Call) -> dict[str, Any]:
    """A day that is archived."""
    return fetch(**poll(**start(**RECORDS)))


def take_back(store: Store, why: str, hours_later: int = 0) -> Revocation:
    return revoke(store, SERIES, date.fromisoformat(DAY), why, utc_now() + timedelta(hours=hours_later))


@pytest.mark.parametrize("after_effects", [1, 2, 3, 4, 5])
def test_what_a_call_that_died_has_kept_stands(
    after_effects: int, landed: dict[str, Any], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        Effects(after_effects, die).watch(patch.setattr)
        with pytest.raises(Died):
            take_back(store, "two rows are missing")
    revocation = take_back(store, "in other words", hours_later=1)
    kept = json.loads(store.read(f"revoked/{FOLDER}/{landed['task_id']}.json") or b"")
    assert (kept, kept["why"]) == (revocation.model_dump(mode="json"), "two rows are missing")
    assert "two rows are missing" in json.loads(store.read(f"failures/{FOLDER}.json") or b"")["what"]
    assert store.read(MANIFEST) is None


def again(manifest: dict[str, Any]) -> bytes:
    """As a fetch of the same task leaves it that was under way while the day was taken back."""
    key = manifest["key"].replace(".xlsx", "-again.xlsx")
    return json.dumps(manifest | {"key": key}).encode()


@pytest.mark.parametrize(
    ("kept", "raised", "says"),
    [(None, Rejected, "landed again"), (lambda _: b"{", ArchiveUnavailable, "not one this version can read")],
    ids=["whole", "damaged"],
)
def test_no_manifest_goes_unless_it_is_kept(
    kept: Callable[[bytes], bytes] | None,
    raised: type[Exception],
    says: str,
    landed: dict[str, Any],
    store: Store,
) -> None:
    first = store.read(MANIFEST) or b""
    take_back(store, "two rows are missing")
    key = f"revoked/{FOLDER}/{landed['task_id']}.json"
    if kept:
        store.replace(key, kept(first))
    second = again(json.loads(first))
    assert store.create(MANIFEST, second)
    with pytest.raises(raised, match=says):
        take_back(store, "two rows are missing")
    assert store.read(MANIFEST) == second
