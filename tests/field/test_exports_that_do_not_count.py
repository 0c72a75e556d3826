"""Success that does not count (F21): what lands under a key that never stands for the day says so."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from local.standin.clock import SettableClock
from local.standin.faults.fates import fails
from local.standin.server import VendorStandIn
from tests.support.checks.leaks import CANARIED
from tests.support.commands import run, without_waits

RECORDS = ("connection-records",)
USAGE = ("user-usage",)
AN_HOUR = ("--from", "2026-11-20T10:00:00Z", "--to", "2026-11-20T10:59:59Z")
FILTERED = ("--filter", "terminal_type=Windows 10")
EARLY, LATER, LATE = (datetime(2026, 11, 22, hour, tzinfo=UTC) for hour in (1, 4, 18))


@pytest.fixture
def vendor(clock: SettableClock) -> Iterator[VendorStandIn]:
    with VendorStandIn(contents=CANARIED, task_seconds=0, clock=clock) as vendor:
        yield vendor


@pytest.fixture(autouse=True)
def on_this_machine(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.setenv("HOME", str(tmp_path / "home"))
    without_waits(environment)


def at(clock: SettableClock, moment: datetime) -> None:
    clock.advance(seconds=(moment - clock()).total_seconds())


@pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
class TestWhatItCountsFor:
    @pytest.mark.parametrize(
        ("now", "asked", "code", "counts"),
        [
            # A cron job at 01:00 for the day before would never fill a day.
            (
                EARLY,
                (*RECORDS, "--day", "2026-11-21"),
                1,
                "not yet: 2026-11-21 was ordered early; more may come until 2026-11-22 03:00:00 UTC: export it again",
            ),
            (LATER, (*RECORDS, "--day", "2026-11-21"), 0, "for 2026-11-21"),
            (LATER, (*USAGE, "--day", "2026-11-21"), 1, "until 2026-11-22 17:00:00 UTC: export it again after that"),
            (LATE, (*USAGE, "--day", "2026-11-21"), 0, "for 2026-11-21"),
            (
                EARLY,
                (*RECORDS, "--from", "2026-11-21T00:00:00Z", "--to", "2026-11-21T23:59:59Z"),
                1,
                "not yet: 2026-11-21 was ordered early",
            ),
            (
                LATER,
                (*RECORDS, "--from", "2026-11-20T00:00:00Z", "--to", "2026-11-20T23:59:59Z"),
                0,
                "for 2026-11-20",
            ),
            (
                LATER,
                (*RECORDS, *AN_HOUR),
                0,
                "for no day: 2026-11-20T10:00:00Z/2026-11-20T10:59:59Z is none, and stands for itself only",
            ),
            (
                EARLY,
                (*RECORDS, "--from", "2026-11-21T10:00:00Z", "--to", "2026-11-21T11:00:00Z"),
                0,
                "stands for itself only; more may come until 2026-11-22 03:00:00 UTC: export it again after that",
            ),
            (
                LATER,
                (*RECORDS, "--from", "2026-11-20T00:00:00Z"),
                0,
                "stands for itself only; more may have come since it was ordered at 2026-11-22 04:00:00 UTC",
            ),
            (
                LATER,
                (*RECORDS, "--day", "2026-11-20", *FILTERED),
                0,
                "for 2026-11-20 with these filters only, never for the whole day",
            ),
            (EARLY, (*RECORDS, "--day", "2026-11-21", *FILTERED), 1, "not yet: 2026-11-21 was ordered early"),
            (LATER, (*RECORDS, "--day", "2026-11-20", "--filter", "language=en_US"), 0, "for 2026-11-20"),
            (LATER, ("desktops",), 0, "for no day: a snapshot, ordered at 2026-11-22 04:00:00 UTC"),
        ],
    )
    def test_is_said_and_told_by_the_code(
        self,
        now: datetime,
        asked: tuple[str, ...],
        code: int,
        counts: str,
        tmp_path: Path,
        clock: SettableClock,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        at(clock, now)
        assert run("export", *asked, "--archive", str(tmp_path / "to")) == code
        shown = capsys.readouterr().out
        assert "outcome   landed" in shown
        (said,) = (line.removeprefix("counts    ") for line in shown.splitlines() if line.startswith("counts "))
        assert said.endswith(counts) if code == 0 else counts in said

    def test_the_day_lands_once_it_has_settled(
        self, tmp_path: Path, clock: SettableClock, capsys: pytest.CaptureFixture[str]
    ) -> None:
        asked = [*RECORDS, "--day", "2026-11-21", "--archive", str(tmp_path / "to")]
        for moment, code in ((EARLY, 1), (LATER, 0), (LATE, 0)):
            at(clock, moment)
            assert run("export", *asked) == code
        shown = capsys.readouterr().out
        assert [line for line in shown.splitlines() if line.startswith("outcome")] == [
            "outcome   landed",
            "outcome   landed",
            "outcome   already-landed",
        ]


@pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
class TestSettledOnly:
    @pytest.mark.parametrize(
        ("asked", "code", "said"),
        [
            (
                (*RECORDS, "--day", "2026-11-21"),
                1,
                "2026-11-21 does not count yet: it may gain data until 2026-11-22 03:00",
            ),
            ((*USAGE, "--day", "2026-11-20"), 0, ""),
            ((*USAGE, "--day", "2026-11-21"), 1, "it may gain data until 2026-11-22 17:00:00 UTC"),
            ((*RECORDS, "--day", "2026-11-21", *FILTERED), 1, "2026-11-21 does not count yet"),
            ((*RECORDS, "--from", "2026-11-20T00:00:00Z", "--to", "2026-11-21T12:00:00Z"), 1, "does not count yet"),
            ((*RECORDS, *AN_HOUR), 0, ""),
            ((*RECORDS, "--from", "2026-11-20T00:00:00Z"), 2, "What has no end never settles"),
            (("desktops",), 2, "What has no end never settles"),
            (("desktop", "--day", "2026-11-20"), 2, "'desktop' is not known (did you mean desktops?)"),
        ],
    )
    def test_refuses_what_does_not_count_before_anything_is_ordered(
        self,
        asked: tuple[str, ...],
        code: int,
        said: str,
        tmp_path: Path,
        clock: SettableClock,
        vendor: VendorStandIn,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        at(clock, EARLY)
        assert run("export", *asked, "--archive", str(tmp_path / "to"), "--settled") == code
        assert said in capsys.readouterr().err
        assert bool(vendor.tasks) == (code == 0)


@pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
def test_what_fails_at_the_vendor_is_no_wrong_usage(
    tmp_path: Path, clock: SettableClock, vendor: VendorStandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    vendor.script("connection-records", *[fails("no")] * 2)
    assert run("export", *RECORDS, "--day", "2026-11-20", "--archive", str(tmp_path / "to")) == 1
    assert "TaskFailed" in capsys.readouterr().err
