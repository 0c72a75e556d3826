"""Tasks that a start has passed over, taken for what its own lost order made: failed, expired, given up.

Found by the model (`SEED=540306161 make test-long TEST=tests/model`). The vendor's list names neither kind nor window;
a task of an equal order was as good as the own one, whatever had become of it.
"""

from collections.abc import Callable

import pytest

from local.faults.connections import DROP_BEFORE_WORK
from local.standin.faults.answers import answer, error, html_page, redirect, server_error
from local.standin.faults.fates import expires, fails
from local.standin.faults.mishaps import Fault
from local.standin.messages import Answer
from local.standin.server import VendorStandIn
from tests.support.builders.requests import RECORDS
from tests.support.fixtures.handlers import Call
from tests.support.processes.dying_function import Died, Effects, die
from workspace_exports.core.errors import BadFile, ExportError, FileExpired, TaskLost, VendorUnavailable

Adopts = Callable[[Fault], bool]
"""Start once more, the order answered so and not done; True if a task was taken for what that order made."""


@pytest.fixture
def adopts(vendor: VendorStandIn, start: Call) -> Adopts:
    def start_once_more(not_done: Fault) -> bool:
        orders = len(vendor.calls(RECORDS["kind"]))
        vendor.script(RECORDS["kind"], not_done)
        try:
            start(**RECORDS)
        except VendorUnavailable:
            assert len(vendor.calls(RECORDS["kind"])) == orders + 1
            return False
        return True

    return start_once_more


@pytest.mark.parametrize("not_done", [server_error(), DROP_BEFORE_WORK, html_page(200), redirect(302, None)])
@pytest.mark.parametrize("fate", [fails("the disk is full"), expires(0)])
def test_a_task_that_ended_without_a_file(
    fate: Fault, not_done: Fault, vendor: VendorStandIn, start: Call, adopts: Adopts
) -> None:
    vendor.script(RECORDS["kind"], fate)
    start(**RECORDS)
    assert not adopts(not_done)


@pytest.mark.parametrize("fate", [fails("the disk is full"), expires(0)])
def test_the_same_where_its_start_died_before_it_had_noted_the_task(
    fate: Fault, vendor: VendorStandIn, start: Call, adopts: Adopts, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor.script(RECORDS["kind"], fate)
    with monkeypatch.context() as patch:
        Effects(3, die).watch(patch.setattr)
        with pytest.raises(Died):
            start(**RECORDS)
    assert not adopts(server_error())


@pytest.mark.parametrize(
    ("download", "raised"),
    [
        (error(400, "WKS.00211102", "The file has expired"), FileExpired),
        (error(200, "WKS.00211102", "The file has expired"), FileExpired),
        (error(404, "WKS.00081103", "not found"), TaskLost),
        (html_page(200), BadFile),
        (answer(200), BadFile),
    ],
)
def test_a_task_whose_file_is_beyond_help(
    download: Answer,
    raised: type[ExportError],
    vendor: VendorStandIn,
    start: Call,
    poll: Call,
    fetch: Call,
    adopts: Adopts,
) -> None:
    vendor.script("download", download)
    with pytest.raises(raised):
        fetch(**poll(**start(**RECORDS)))
    assert not adopts(server_error())
