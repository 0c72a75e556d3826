"""What one version keeps in the archive, every other one reads: the older for ever, the newer as far as it can."""

import json
from typing import Any

import pytest

from tests.support.builders import frozen_records
from workspace_exports.archive.execution_failure import FailedExecution
from workspace_exports.core.contract import Contract, Record
from workspace_exports.core.errors import ArchiveUnavailable, Rejected
from workspace_exports.core.validation import parse
from workspace_exports.coverage.ledger_record import CoverageRequest
from workspace_exports.coverage.plans import PlanRequest
from workspace_exports.coverage.reports import ReportRequest, read_report
from workspace_exports.events import ObservedExport, StartRequest
from workspace_exports.orders import OrderRecord
from workspace_exports.storage.store import open_store

RECORDS = [pytest.param(contract, document, id=key) for key, contract, document in frozen_records.records()]
RUN = "2026-11-22T043000Z-00000000"


def reread(contract: type[Record], document: object) -> Any:
    return json.loads(contract.read(json.dumps(document).encode()).model_dump_json())


@pytest.mark.parametrize(("contract", "document"), RECORDS)
def test_what_a_version_kept_still_says_all_it_said(contract: type[Record], document: dict[str, Any]) -> None:
    assert frozen_records.is_within(document, reread(contract, document))


@pytest.mark.parametrize(("contract", "document"), RECORDS)
def test_what_a_later_version_adds_at_any_depth_hides_nothing(contract: type[Record], document: dict[str, Any]) -> None:
    assert frozen_records.is_within(document, reread(contract, frozen_records.grown(document)))


def test_every_record_has_an_example() -> None:
    assert {contract for _, contract, _ in frozen_records.records()} == set(Record.__subclasses__())


def test_an_order_keeps_what_a_later_version_noted_of_it() -> None:
    order = next(document for _, contract, document in frozen_records.records() if contract is OrderRecord)
    assert reread(OrderRecord, frozen_records.grown(order)) == reread(OrderRecord, order) | {
        "added_later": {"by": "a later version"}
    }


@pytest.mark.parametrize(
    ("contract", "request_"),
    [
        (StartRequest, {"kind": "users"}),
        (ObservedExport, frozen_records.event("observed")),
        (PlanRequest, {}),
        (ReportRequest, frozen_records.event("run")),
        (CoverageRequest, {}),
        (FailedExecution, frozen_records.event("failed-execution")),
    ],
)
def test_a_request_refuses_what_it_does_not_know(contract: type[Contract], request_: dict[str, Any]) -> None:
    parse(contract, request_)
    with pytest.raises(Rejected, match="colour is not a field here"):
        parse(contract, request_ | {"colour": "red"})


def test_a_report_that_cannot_be_read_is_told_by_its_key() -> None:
    store = open_store("memory:///records")
    store.replace(f"runs/{RUN}/report.json", b"{}")
    with pytest.raises(ArchiveUnavailable, match=RUN):
        read_report(store, RUN)
