"""Scripted misfortune, over real HTTP."""

import contextlib
from collections.abc import Iterator

import httpx
import pytest

from local.faults.connections import DROP_BEFORE_WORK, LOSE_ANSWER, NORMALLY, Hang
from local.standin.accounts import Account
from local.standin.faults.answers import answer, html_page, server_error, throttled
from local.standin.faults.catalogue import RANDOM_FAULTS
from local.standin.faults.fates import listed_late, never_finishes
from local.standin.faults.mishaps import Arrivals, Misstate, Replace, Revoke, Rewrite, Skew, Truncate
from local.standin.faults.shapes import emptied
from local.standin.messages import Answer
from local.standin.server import VendorStandIn
from local.standin.tasks import Fate
from tests.support.servers.probe import Probe


@pytest.fixture
def vendor() -> Iterator[VendorStandIn]:
    with VendorStandIn(task_seconds=0) as running:
        yield running


@pytest.fixture
def probe(vendor: VendorStandIn) -> Iterator[Probe]:
    with Probe(vendor.url) as caller:
        yield caller


@pytest.fixture
def padded() -> Iterator[VendorStandIn]:
    with VendorStandIn(task_seconds=0, report_padding_bytes=100) as running:
        yield running


@pytest.fixture
def probe_padded(padded: VendorStandIn) -> Iterator[Probe]:
    with Probe(padded.url) as caller:
        yield caller


@pytest.mark.parametrize(
    "fault",
    [throttled(), throttled("7"), throttled("-1e9"), server_error(503), html_page(502), answer(500)],
    ids=["429", "429-retry-after", "429-nonsense", "503", "html", "empty"],
)
def test_a_scripted_answer_is_given_once_and_makes_no_task(fault: Answer, vendor: VendorStandIn, probe: Probe) -> None:
    vendor.script("users", fault)
    got = probe.call("users")
    assert (got.status_code, got.content) == (fault.status, fault.body)
    assert {name: got.headers[name] for name in fault.headers} == fault.headers
    assert got.headers["X-Request-Id"] == vendor.requests[0].request_id
    assert (vendor.tasks, vendor.requests[0].status) == ((), fault.status)
    assert probe.call("users").status_code == 200


def test_a_throttled_answer_says_when_to_return_only_if_told() -> None:
    assert "Retry-After" not in throttled().headers
    assert throttled("7").headers["Retry-After"] == "7"


def test_faults_come_in_the_order_of_the_script(vendor: VendorStandIn, probe: Probe) -> None:
    vendor.script("users", throttled(), NORMALLY, answer(504))
    assert vendor.pending_faults == {"users": 3}
    assert [probe.call("users").status_code for _ in range(4)] == [429, 200, 504, 200]
    assert vendor.pending_faults == {}


def test_a_fault_meets_only_its_own_operation(vendor: VendorStandIn, probe: Probe) -> None:
    vendor.script("download", server_error())
    assert probe.call("list").status_code == 200
    assert vendor.pending_faults == {"download": 1}


def test_a_badly_signed_call_uses_up_no_fault(vendor: VendorStandIn, probe: Probe) -> None:
    vendor.script("users", throttled())
    right, probe.account = probe.account, Account("wrong")
    assert probe.call("users").status_code == 401
    probe.account = right
    assert probe.call("users").status_code == 429


def test_a_connection_dropped_before_the_work_leaves_no_task(vendor: VendorStandIn, probe: Probe) -> None:
    vendor.script("users", DROP_BEFORE_WORK)
    with pytest.raises(httpx.ReadError, match="reset"):
        probe.call("users")
    assert (vendor.tasks, vendor.requests[0].status) == ((), None)


def test_a_lost_answer_leaves_a_task_that_the_list_shows(vendor: VendorStandIn, probe: Probe) -> None:
    vendor.script("users", LOSE_ANSWER)
    with pytest.raises(httpx.ReadError, match="reset"):
        probe.call("users")
    assert [item["task_id"] for item in probe.listed()] == [task.task_id for task in vendor.tasks]
    assert len(vendor.tasks) == 1


def test_a_client_that_hangs_up_on_a_silent_server_gets_no_task(vendor: VendorStandIn, probe: Probe) -> None:
    vendor.script("users", Hang(30))
    probe.http.timeout = httpx.Timeout(0.05)
    with pytest.raises(httpx.ReadTimeout):
        probe.call("users")
    assert vendor.tasks == ()


def test_a_client_that_hangs_up_after_the_work_leaves_a_task(vendor: VendorStandIn, probe: Probe) -> None:
    vendor.script("users", Hang(30, after_work=True))
    probe.http.timeout = httpx.Timeout(0.3)
    with pytest.raises(httpx.ReadTimeout):
        probe.call("users")
    assert len(vendor.tasks) == 1


def test_a_short_silence_ends_in_an_ordinary_answer(vendor: VendorStandIn, probe: Probe) -> None:
    vendor.script("users", Hang(0.01))
    assert probe.call("users").status_code == 200


def test_a_declared_cut_is_noticed_by_the_client(vendor: VendorStandIn, probe: Probe) -> None:
    task_id = probe.create("users")
    vendor.script("download", Truncate(100))
    with pytest.raises(httpx.RemoteProtocolError, match="received 100 bytes, expected"):
        probe.download(task_id)


def test_an_undeclared_cut_looks_like_a_clean_end(vendor: VendorStandIn, probe: Probe) -> None:
    task_id = probe.create("users")
    vendor.script("download", Truncate(100, declared=False))
    got = probe.download(task_id)
    assert (got.status_code, got.content) == (200, vendor.report(task_id)[:100])
    assert "Content-Length" not in got.headers
    assert probe.download(task_id).content == vendor.report(task_id)


def test_a_cut_in_chunks_is_noticed_by_the_client(vendor: VendorStandIn, probe: Probe) -> None:
    task_id = probe.create("users")
    vendor.script("download", Truncate(100, chunked=True))
    with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
        probe.download(task_id)


def test_a_range_is_cut_after_so_many_bytes_of_its_own(vendor: VendorStandIn, probe: Probe) -> None:
    task_id = probe.create("users")
    vendor.script("download", Truncate(100, declared=False))
    got = probe.download(task_id, {"Range": "bytes=50-"})
    assert (got.status_code, got.content) == (206, vendor.report(task_id)[50:150])


def test_a_connection_can_be_reset_amid_a_file(vendor: VendorStandIn, probe: Probe) -> None:
    task_id = probe.create("users")
    vendor.script("download", Truncate(100, reset=True))
    with pytest.raises(httpx.ReadError, match="reset"):
        probe.download(task_id)


def test_a_connection_can_fall_silent_amid_a_file(vendor: VendorStandIn, probe: Probe) -> None:
    task_id = probe.create("users")
    vendor.script("download", Truncate(100, silent_seconds=30))
    probe.http.timeout = httpx.Timeout(0.05)
    with pytest.raises(httpx.ReadTimeout):
        probe.download(task_id)


@pytest.mark.parametrize("longer_by", [0, 7])
def test_a_file_can_be_replaced(longer_by: int, probe_padded: Probe, padded: VendorStandIn) -> None:
    task_id = probe_padded.create("users")
    padded.script("download", NORMALLY, Replace(longer_by))
    first, second, third = (probe_padded.download(task_id) for _ in range(3))
    assert (second.content, second.headers["ETag"]) == (third.content, third.headers["ETag"])
    assert first.content != second.content == padded.report(task_id)
    assert first.headers["ETag"] != second.headers["ETag"]
    assert (len(first.content) == len(second.content)) == (longer_by == 0)


def test_a_file_can_be_replaced_at_any_time(probe_padded: Probe, padded: VendorStandIn) -> None:
    task_id = probe_padded.create("users")
    before = padded.report(task_id)
    padded.replace_report(task_id)
    assert probe_padded.download(task_id).content == padded.report(task_id) != before


def test_a_file_without_padding_cannot_be_replaced_by_one_of_its_length(vendor: VendorStandIn, probe: Probe) -> None:
    task_id = probe.create("users")
    with pytest.raises(ValueError, match="padding"):
        vendor.replace_report(task_id)


def test_the_file_of_a_task_that_is_not_there_is_not_replaced(vendor: VendorStandIn, probe: Probe) -> None:
    vendor.script("download", Replace(1))
    assert probe.download("none").status_code == 404


def test_an_answer_may_say_what_is_not_true(vendor: VendorStandIn, probe: Probe) -> None:
    task_id = probe.create("users")
    vendor.script("download", Misstate({"etag": '"other"', "Content-Range": None}))
    got = probe.download(task_id, {"Range": "bytes=50-"})
    assert (got.status_code, got.content) == (206, vendor.report(task_id)[50:])
    assert got.headers.get_list("ETag") == ['"other"']
    assert "Content-Range" not in got.headers


def test_a_cut_file_counts_as_downloaded(vendor: VendorStandIn, probe: Probe) -> None:
    task_id = probe.create("users")
    vendor.script("download", Truncate(0, declared=False))
    probe.download(task_id)
    assert vendor.tasks[0].is_download
    assert probe.listed() == []


@pytest.mark.parametrize(
    "fault",
    [html_page(200), answer(200, b'{"error_code":"WKS.0001","error_msg":"odd"}', {"Content-Type": "application/json"})],
    ids=["html", "error-json"],
)
def test_wrong_bytes_come_with_a_200(fault: Answer, vendor: VendorStandIn, probe: Probe) -> None:
    task_id = probe.create("users")
    vendor.script("download", fault)
    got = probe.download(task_id)
    assert (got.status_code, got.content) == (200, fault.body)
    assert not vendor.tasks[0].is_download


def test_a_redirect_can_be_scripted(vendor: VendorStandIn, probe: Probe) -> None:
    vendor.script("download", answer(302, headers={"Location": "http://127.0.0.1:9/elsewhere"}))
    got = probe.download(probe.create("users"))
    assert (got.status_code, got.headers["Location"]) == (302, "http://127.0.0.1:9/elsewhere")


def test_a_fate_falls_on_the_next_task_alone(vendor: VendorStandIn, probe: Probe) -> None:
    vendor.script("users", never_finishes(), Fate(ending="PAUSED"), listed_late(3600))
    made = [probe.create("users") for _ in range(4)]
    assert [vendor.status(task_id) for task_id in made] == ["CREATING", "PAUSED", "SUCCESS", "SUCCESS"]
    assert [item["task_id"] for item in probe.listed()] == [made[0], made[1], made[3]]


def test_a_script_for_an_unknown_operation_is_a_mistake(vendor: VendorStandIn) -> None:
    with pytest.raises(ValueError, match="no operation is called 'user'"):
        vendor.script("user", throttled())


def test_a_fault_that_does_not_fit_its_operation_is_a_mistake(vendor: VendorStandIn) -> None:
    with pytest.raises(ValueError, match="not on 'list'"):
        vendor.script("list", never_finishes())
    with pytest.raises(ValueError, match="a Replace, not 'users'"):
        vendor.script("users", Replace())
    with pytest.raises(ValueError, match="a Rewrite, not 'download'"):
        vendor.script("download", Rewrite(emptied))
    with pytest.raises(ValueError, match="Arrivals, not 'users'"):
        vendor.script("users", Arrivals(1))
    for fault in (Skew(1), Revoke()):
        with pytest.raises(ValueError, match=f"a {type(fault).__name__}, not 'tokens'"):
            vendor.script("tokens", fault)


class TestDice:
    CALLS = 400

    def met(self, seed: int, rate: float = 0.1) -> dict[str, int]:
        with VendorStandIn(task_seconds=0, fault_rate=rate, fault_seed=seed) as vendor, Probe(vendor.url) as probe:
            for _ in range(self.CALLS):
                with contextlib.suppress(httpx.TransportError):
                    probe.call("list")
            return dict(vendor.random_faults)

    def test_so_many_calls_fail_in_every_way_there_is_and_alike_for_one_seed(self) -> None:
        met = self.met(seed=1)
        assert set(met) == set(RANDOM_FAULTS)
        assert 20 <= sum(met.values()) <= 60
        assert self.met(seed=1) == met != self.met(seed=2)

    def test_a_scripted_fault_comes_first(self) -> None:
        with VendorStandIn(task_seconds=0, fault_rate=1) as vendor, Probe(vendor.url) as probe:
            vendor.script("list", answer(418))
            assert probe.call("list").status_code == 418
            assert vendor.random_faults == {}


def test_further_projects_are_let_in_and_others_are_not() -> None:
    with VendorStandIn(task_seconds=0, further_project_ids=["second"]) as vendor, Probe(vendor.url) as probe:
        places = ({"project_id": project} for project in ("second", "third"))
        answers = [probe.call("list", places=place).status_code for place in places]
    assert answers == [200, 403]
