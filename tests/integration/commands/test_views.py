"""`plan`, `coverage`, `kinds` and `policy`: what they show, in lines and as JSON, without an order."""

import io
import json
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from local.standin.accounts import DEMO_PROJECT_ID
from local.standin.server import VendorStandIn
from tests.support.builders.coverage_pages import troubled_archive
from tests.support.builders.landed_files import bring
from tests.support.commands import run
from workspace_exports.commands.calendar_display import show_calendars
from workspace_exports.commands.terminal import PrintableConsole
from workspace_exports.core.clock import to_wire, utc_now
from workspace_exports.coverage.ledger_record import Coverage, DayStatus
from workspace_exports.coverage.page.wording import counted
from workspace_exports.exports import EXPORTS
from workspace_exports.storage.store import Store

pytestmark = pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
DAY = str(utc_now().date() - timedelta(days=3))


@pytest.fixture(autouse=True)
def home(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.setenv("HOME", str(tmp_path / "home"))


class TestPlan:
    def test_shows_what_run_would_order_and_writes_nothing(
        self, vendor: VendorStandIn, store: Store, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run("plan", "--kinds", "connection-records") == 0
        shown = capsys.readouterr().out
        assert "connection-records" in shown
        assert "At risk: the vendor drops them soon" in shown
        assert list(store.keys("")) == []
        assert vendor.requests == ()

    def test_as_json_names_every_day_the_next_to_be_lost_first(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run("plan", "--kinds", "connection-records", "--json") == 0
        told = json.loads(capsys.readouterr().out)
        days = [date.fromisoformat(one["day"]) for one in told["planned"]]
        assert days == sorted(days)
        assert 27 <= len(days) <= 30
        first = told["planned"][0]
        assert datetime.fromisoformat(first["gone_at"]).date() == days[0] + timedelta(days=30)
        assert {one["day"] for one in told["at_risk"]} < {one["day"] for one in told["planned"]}
        assert told["lost"] == []

    def test_a_day_that_is_archived_is_not_planned(self, store: Store, capsys: pytest.CaptureFixture[str]) -> None:
        bring(store, day=DAY, project_id=DEMO_PROJECT_ID, ordered_at=to_wire(utc_now()))
        assert run("plan", "--kinds", "connection-records", "--json") == 0
        assert DAY not in {one["day"] for one in json.loads(capsys.readouterr().out)["planned"]}


class TestCoverage:
    def test_needs_the_archive_alone(
        self, environment: pytest.MonkeyPatch, store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        bring(store, day=DAY, ordered_at=to_wire(utc_now()))
        for name in ("WORKSPACE_REGION", "WORKSPACE_ENDPOINT", "HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK"):
            environment.delenv(name)
        assert run("coverage") == 0
        assert "1 of 1 day archived" in capsys.readouterr().out
        assert run("coverage", "--html", str(tmp_path / "page.html")) == 0
        assert "</html>" in (tmp_path / "page.html").read_text(encoding="utf-8")
        assert capsys.readouterr().out == ""
        assert run("coverage", "--json") == 0
        assert Coverage.model_validate_json(capsys.readouterr().out).totals.archived == 1


def drawn(coverage: Coverage, *, width: int = 80, ascii_only: bool = False) -> str:
    console: Console = PrintableConsole(file=(screen := io.StringIO()), width=width, legacy_windows=False)
    if ascii_only:
        console = PrintableConsole(file=(screen := _Ascii()), width=width, legacy_windows=False)
    show_calendars(console, coverage)
    return screen.getvalue()


class _Ascii(io.StringIO):
    encoding = "ascii"


class TestTheCalendar:
    def test_has_a_sign_for_every_day_of_its_range(self) -> None:
        text = drawn(troubled_archive(), width=200)
        rows = [line[4:] for line in text.splitlines() if line[:3] in {"Mon", "Wed", "Fri", "Sun", "   "}]
        signs = {"■": DayStatus.ARCHIVED, "□": DayStatus.EMPTY, "✗": DayStatus.LOST, "!": DayStatus.AT_RISK}
        for sign, status in signs.items():
            assert sum(row.count(sign) for row in rows) == counted(troubled_archive().totals)[status]

    @pytest.mark.parametrize("width", [20, 40, 80])
    def test_shows_as_many_weeks_as_fit(self, width: int) -> None:
        rows = [line for line in drawn(troubled_archive(), width=width).splitlines() if line.startswith(("Mon", "Sun"))]
        assert 0 < max(map(len, rows)) <= width
        assert "a wider terminal shows more" in drawn(troubled_archive(), width=width)

    def test_is_plain_where_nothing_else_can_be_shown(self) -> None:
        assert drawn(troubled_archive(), ascii_only=True).isascii()


class TestTheCatalogue:
    def test_kinds_are_listed_and_described(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run("kinds") == 0
        shown = capsys.readouterr().out
        assert [kind for kind in EXPORTS if kind not in shown] == []
        assert run("kinds", "connection-records") == 0
        shown = capsys.readouterr().out
        assert [one.name for one in EXPORTS["connection-records"].parameters if one.name not in shown] == []

    def test_a_policy_allows_what_the_kinds_need_and_no_more(
        self, environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run("policy", "--kinds", "connection-records,terminal-bindings") == 0
        shown = capsys.readouterr()
        assert json.loads(shown.out) == {
            "Version": "1.1",
            "Statement": [
                {"Effect": "Allow", "Action": ["workspace:tenants:exportData", "workspace:tenants:listExportTasks"]}
            ],
        }
        assert "documents no action for terminal-bindings" in shown.err
        environment.setenv("DELETE_AFTER_LANDING", "true")
        assert run("policy", "--kinds", "connection-records") == 0
        assert "workspace:tenants:deleteExportTasks" in capsys.readouterr().out
