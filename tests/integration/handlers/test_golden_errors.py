"""What a person reads when something goes wrong, fault by fault, as committed files under tests/data/errors/.

`UPDATE_GOLDEN=1 make test TEST=tests/integration/handlers/test_golden_errors.py` writes them anew. Read them before the
commit.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.faults.connections import DROP_BEFORE_WORK
from local.standin.accounts import DEMO_PROJECT_ID
from local.standin.faults.answers import answer, error, html_page, server_error, throttled
from local.standin.faults.fates import expires, fails, never_finishes, vanishes
from local.standin.faults.mishaps import Fault, Misstate, Replace, Truncate
from local.standin.server import VendorStandIn
from tests.support.builders.requests import DAY, HOUR_AGO, LONG_AGO, RECORDS
from tests.support.fixtures.handlers import Call
from workspace_exports.core.errors import ExportError

GOLDEN = Path(__file__).parents[2] / "data" / "errors"
Environment = pytest.MonkeyPatch
Chain = Callable[..., Any]

pytestmark = pytest.mark.parametrize("archive_url", ["folder"], indirect=True)


def check(name: str, error: ExportError) -> None:
    """Compares class, HTTP status and text with the file, the unrepeatable replaced by their names."""
    text = f"{type(error).__name__} (HTTP {error.http_status})\n{error}\n"
    for pattern, word in (
        (r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", "TIME"),
        (r"\d{4}-\d{2}-\d{2}", "DAY"),
        (rf"(?<=project_id=){DEMO_PROJECT_ID}", "PROJECT"),
        (r"(?<=request_id=)[0-9a-f]{32}", "REQUEST"),
        (r"(?<=task_id=)[0-9a-f]{32}", "TASK"),
        (r"(?<=DAY/)[0-9a-f]{32}-[0-9a-f]{8}", "TASK-NONCE"),
        (r"(?<=of )\d+(?= bytes came)", "SIZE"),
        (r"(?<=after )\d:\d\d:\d\d(\.\d+)?|1 day, \d:\d\d:\d\d(\.\d+)?", "DURATION"),
    ):
        text = re.sub(pattern, word, text)
    file = GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("request-unknown-kind", {"kind": "logins", "day": DAY}),
        ("request-unknown-field", RECORDS | {"dry_run": True}),
        ("request-too-old", {"kind": "connection-records", "day": "2020-01-01"}),
        ("request-reversed", {"kind": "connection-records", "start_time": HOUR_AGO, "end_time": LONG_AGO}),
        ("request-wrong-filter", RECORDS | {"filters": {"min_e2e_rtt": "fast", "colour": "red"}}),
    ],
)
def test_a_wrong_request(name: str, event: dict[str, Any], start: Call) -> None:
    with pytest.raises(ExportError) as caught:
        start(**event)
    check(name, caught.value)


def test_a_task_of_a_kind_that_the_list_may_not_show(vendor: VendorStandIn, start: Call, poll: Call) -> None:
    vendor.script("app-usage", vanishes())
    with pytest.raises(ExportError) as caught:
        poll(**start(kind="app-usage", day=DAY) | {"ordered_at": LONG_AGO})
    check("look-lost-undocumented", caught.value)


def test_an_order_that_lacks_a_permission(vendor: VendorStandIn, start: Call) -> None:
    vendor.script("app-sessions", error(403, "WKS.00081102", "no permission"))
    with pytest.raises(ExportError) as caught:
        start(kind="app-sessions", day=DAY)
    check("order-403-of-a-known-action", caught.value)


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("order-400", error(400, "WKS.00211102", "start_time is out of range")),
        ("order-401", error(401, "APIGW.0301", "Incorrect IAM authentication information: AK access failed")),
        ("order-403", error(403, "WKS.00081102", "no permission")),
        ("order-404-not-in-this-region", error(404, "APIGW.0101", "The API does not exist")),
        ("order-429", throttled("90")),
        ("order-500", server_error(500)),
        ("order-502-html", html_page(502)),
        ("order-503-empty", answer(503)),
        ("order-no-answer", DROP_BEFORE_WORK),
        ("order-redirect", answer(302, headers={"Location": "https://example.com/"})),
        ("order-no-task", answer(200, b"{}")),
    ],
)
def test_an_order_that_goes_wrong(name: str, fault: Fault, vendor: VendorStandIn, start: Call) -> None:
    vendor.script("connection-records", fault)
    with pytest.raises(ExportError) as caught:
        start(**RECORDS)
    check(name, caught.value)


def test_an_unknown_status_word(vendor: VendorStandIn, start: Call, poll: Call) -> None:
    ordered = start(**RECORDS)
    body = b'{"export_tasks": [{"task_id": "TASK", "status": "PAUSED"}]}'.replace(b"TASK", ordered["task_id"].encode())
    vendor.script("list", answer(200, body))
    with pytest.raises(ExportError) as caught:
        poll(**ordered)
    check("look-unknown-status", caught.value)


@pytest.mark.parametrize(("name", "fault"), [("look-deadline", never_finishes()), ("look-lost", vanishes())])
def test_a_look_that_comes_to_nothing(name: str, fault: Fault, vendor: VendorStandIn, start: Call, poll: Call) -> None:
    vendor.script("connection-records", fault)
    with pytest.raises(ExportError) as caught:
        poll(**start(**RECORDS) | {"ordered_at": LONG_AGO})
    check(name, caught.value)


@pytest.mark.parametrize(
    ("name", "fault"), [("fetch-task-failed", fails("disk full", "WKS.0042")), ("fetch-expired", expires(0))]
)
def test_a_task_that_ended_without_a_file(
    name: str, fault: Fault, vendor: VendorStandIn, start: Call, poll: Call, fetch: Call
) -> None:
    vendor.script("connection-records", fault)
    with pytest.raises(ExportError) as caught:
        fetch(**poll(**start(**RECORDS)))
    check(name, caught.value)


@pytest.mark.parametrize(
    ("name", "faults"),
    [
        ("fetch-cut-short", [Truncate(4000), Truncate(0)]),
        ("fetch-cut-short-silently", [Truncate(4000, declared=False)]),
        ("fetch-broke-off", [Truncate(4000), DROP_BEFORE_WORK]),
        ("fetch-reset", [Truncate(4000), Truncate(0, reset=True)]),
        ("fetch-changed-amid", [Truncate(4000), Replace(7)]),
        ("fetch-wrong-part", [Truncate(4000), Misstate({"Content-Range": "bytes 0-9/10"})]),
        ("fetch-html", [html_page(200)]),
        ("fetch-error-inside-200", [answer(200, b'{"error_code": "WKS.1", "error_msg": "no"}')]),
        ("fetch-expired-download", [error(404, "WKS.00081104", "The file has expired")]),
        ("fetch-expired-amid", [Truncate(4000), error(404, "WKS.00081104", "The file has expired")]),
        ("fetch-unknown-task", [error(404, "WKS.00081103", "The task does not exist")]),
    ],
)
def test_a_download_that_goes_wrong(
    name: str, faults: list[Fault], vendor: VendorStandIn, start: Call, poll: Call, fetch: Call
) -> None:
    looked = poll(**start(**RECORDS))
    vendor.script("download", *faults)
    with pytest.raises(ExportError) as caught:
        fetch(**looked)
    check(name, caught.value)


def test_a_folder_in_the_way(tmp_path: Path, start: Call, poll: Call, fetch: Call) -> None:
    looked = poll(**start(**RECORDS))
    (tmp_path / "data").write_text("in the way")
    with pytest.raises(ExportError) as caught:
        fetch(**looked)
    check("archive-refuses", caught.value)


def test_a_missing_setting(environment: Environment, start: Call) -> None:
    environment.delenv("WORKSPACE_REGION")
    with pytest.raises(ExportError) as caught:
        start(**RECORDS)
    check("setting-missing", caught.value)
