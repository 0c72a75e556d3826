"""Both servers that inject faults have the same base: script, ledger, and a listener that says whose it is."""

from collections.abc import Callable

import pytest

from local.faults.connections import DROP_BEFORE_WORK, NORMALLY
from local.faults.ledger import Ledger, Received
from local.standin.server import VendorStandIn
from tests.support.servers.faulty_storage.server import MisbehavingStorage

Server = VendorStandIn | MisbehavingStorage

BOTH = pytest.mark.parametrize(
    ("make", "operation", "name"),
    [
        pytest.param(VendorStandIn, "users", "vendor-stand-in", id="vendor"),
        pytest.param(lambda: MisbehavingStorage("http://127.0.0.1:9"), "put", "misbehaving-storage", id="storage"),
    ],
)


@BOTH
class TestBothServers:
    def test_forget_the_scripted_faults_that_no_call_has_met(
        self, make: Callable[[], Server], operation: str, name: str
    ) -> None:
        server = make()
        server.script(operation, NORMALLY, DROP_BEFORE_WORK)
        assert server.pending_faults == {operation: 2}
        server.calm()
        assert server.pending_faults == {}

    def test_refuse_an_operation_that_they_do_not_have(
        self, make: Callable[[], Server], operation: str, name: str
    ) -> None:
        for ask in (make().calls, make().script):
            with pytest.raises(ValueError, match=f"no operation is called '{operation}s'"):
                ask(f"{operation}s")

    def test_have_no_address_while_they_do_not_run(self, make: Callable[[], Server], operation: str, name: str) -> None:
        with pytest.raises(RuntimeError, match=f"{name} is not running"):
            _ = make().url


def test_a_request_has_the_status_it_was_answered_with_and_none_before() -> None:
    ledger: Ledger[Received] = Ledger()
    for number in ("1", "2"):
        ledger.open(number, Received(operation="put", method="PUT"))
    ledger.close("2", 200)
    assert [call.status for call in ledger.all()] == [None, 200]
    ledger.forget()
    ledger.close("1", 200)
    assert ledger.all() == ()
