"""record-failure, whatever it is told and wherever it is to keep that."""

import json
from pathlib import Path
from typing import Any

import pytest

from functions.record_failure import app
from local.standin.accounts import DEMO_PROJECT_ID
from tests.support.builders.examples import observed_export
from tests.support.lambda_context import CONTEXT
from workspace_exports.archive.failures import read_failure
from workspace_exports.core.errors import FileExpired
from workspace_exports.storage.store import Store

REQUEST = {"kind": "connection-records", "day": "2026-11-20", "filters": {"user_name": "canary"}}
CAUGHT = {"Error": "FileExpired", "Cause": json.dumps({"errorMessage": str(FileExpired("It is gone"))})}

pytestmark = pytest.mark.usefixtures("environment")


def record(request: object = REQUEST, **state: object) -> dict[str, Any]:
    return app.handler({"request": request, "state": {"failure": CAUGHT, **state}}, CONTEXT)


def test_what_is_returned_is_kept_where_the_same_export_finds_it(store: Store) -> None:
    returned = record()
    wanted = observed_export(project_id=DEMO_PROJECT_ID, filters={"user_name": "canary"})
    kept = read_failure(store, wanted)
    assert kept
    assert returned == json.loads(kept.model_dump_json(exclude_none=True)) | {"cause": kept.text}
    assert (kept.error, kept.what, kept.advice) == ("FileExpired", "It is gone.", FileExpired.advice)
    assert "canary" not in str(returned)


def test_an_ordered_export_is_kept_by_what_was_ordered(store: Store) -> None:
    ordered = observed_export(filters={"language": "en_US"})
    returned = record(export=json.loads(ordered.model_dump_json()))
    assert returned["task_id"] == ordered.task_id
    assert read_failure(store, ordered)


@pytest.mark.parametrize("request_", [{"kind": "logins"}, "logins", None], ids=["unknown", "text", "nothing"])
def test_a_request_that_is_none_has_no_place_and_is_told_all_the_same(request_: object, store: Store) -> None:
    assert record(request_)["error"] == "FileExpired"
    assert list(store.keys("failures/")) == []


def test_an_export_without_a_project_has_no_place(environment: pytest.MonkeyPatch, store: Store) -> None:
    environment.delenv("HUAWEICLOUD_SDK_PROJECT_ID")
    assert "project_id" not in record()
    assert list(store.keys("failures/")) == []


@pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
def test_an_archive_that_is_away_is_no_reason_to_fail(tmp_path: Path) -> None:
    (tmp_path / "failures").write_text("in the way")
    assert record()["error"] == "FileExpired"


@pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
def test_a_later_failure_takes_the_place_of_an_earlier_one(store: Store) -> None:
    record()
    app.handler({"request": REQUEST, "state": {"failure": {"Error": "Sandbox.Timedout"}}}, CONTEXT)
    kept = read_failure(store, observed_export(project_id=DEMO_PROJECT_ID, filters={"user_name": "canary"}))
    assert kept
    assert kept.error == "Sandbox.Timedout"
