"""Why an export failed: kept in the archive, told in the state machine's own words."""

from pathlib import Path

import pytest

from tests.builders import NOW, PROJECT_ID, TASK_ID, observed_export
from workspace_exports.archive.failures import read_failure, write_failure
from workspace_exports.archive.keys import failure_key
from workspace_exports.archive.store import Store, open_store
from workspace_exports.contracts.failures import Failure

FAILURE = Failure(
    kind="connection-records",
    project_id=PROJECT_ID,
    window="2026-11-20T00:00:00Z/2026-11-20T23:59:59Z",
    task_id=TASK_ID,
    error="TaskFailed",
    what="The vendor ended the task with FAIL.",
    vendor_code="WKS.0042",
    vendor_reason="disk full",
    advice="Order the export again.",
    at=NOW,
)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path.as_uri())


class TestArchive:
    def test_the_last_failure_of_an_export_is_found_by_whoever_asks_for_the_same(self, store: Store) -> None:
        write_failure(store, observed_export(), FAILURE.model_copy(update={"error": "TaskLost"}))
        write_failure(store, observed_export(), FAILURE)
        other_order = observed_export(task_id="b" * 32, ordered_at="2026-11-22T05:00:00Z")
        assert read_failure(store, other_order) == FAILURE

    @pytest.mark.parametrize(
        "other", [{"day": "2026-11-19"}, {"kind": "user-usage"}, {"project_id": "p"}, {"filters": {"user_name": "x"}}]
    )
    def test_another_export_has_its_own(self, store: Store, other: dict[str, object]) -> None:
        write_failure(store, observed_export(), FAILURE)
        assert read_failure(store, observed_export(**other)) is None

    def test_one_name_for_a_day_whether_it_had_settled_or_not(self) -> None:
        early = observed_export(day="2026-11-21", ordered_at="2026-11-22T00:30:00Z")
        late = observed_export(day="2026-11-21", ordered_at="2026-11-25T00:00:00Z")
        place = f"kind=connection-records/project_id={PROJECT_ID}"
        assert failure_key(early) == failure_key(late) == f"failures/{place}/day=2026-11-21.json"

    @pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"error": 1}', b"\xff"])
    def test_a_record_that_is_not_understood_counts_as_none(self, store: Store, content: bytes) -> None:
        store.replace(failure_key(observed_export()), content)
        assert read_failure(store, observed_export()) is None

    def test_what_a_later_version_adds_is_passed_over(self, store: Store) -> None:
        later = FAILURE.model_dump_json().replace("{", '{"severity": 3, ', 1)
        store.replace(failure_key(observed_export()), later.encode())
        assert read_failure(store, observed_export()) == FAILURE
