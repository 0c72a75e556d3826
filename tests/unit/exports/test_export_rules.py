"""The rules of the seed pages: what is refused before the vendor hears of it, and what goes on the wire."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.builders.examples import NOW
from workspace_exports.core.errors import Rejected
from workspace_exports.exports import EXPORTS, Window, find_export
from workspace_exports.exports.windows import Bounds, WindowRule

YESTERDAY = Window.of_day(date(2026, 11, 21))
RECORDS = EXPORTS["connection-records"]
ACCESS = EXPORTS["app-user-access"]
SECOND = timedelta(seconds=1)


def hours_ago(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


@pytest.mark.parametrize(
    ("kind", "window", "filters", "says"),
    [
        ("connection-records", Window(), {}, "give day, start_time or end_time"),
        ("connection-records", Window(hours_ago(2), hours_ago(3)), {}, "is after end_time"),
        (
            "connection-records",
            Window(hours_ago(721), hours_ago(3)),
            {},
            "start_time 2026-10-23T03:30:00Z is more than 30",
        ),
        ("connection-records", Window(None, hours_ago(721)), {}, "end_time 2026-10-23T03:30:00Z is more than 30 days"),
        (
            "connection-records",
            Window(hours_ago(1), hours_ago(-1)),
            {},
            "end_time 2026-11-22T05:30:00Z is not over",
        ),
        ("connection-records", Window.of_day(NOW.date()), {}, "end_time 2026-11-22T23:59:59Z is not over"),
        ("connection-records", YESTERDAY, {"username": "x"}, "'username' is not a filter of connection-records"),
        ("connection-records", YESTERDAY, {"user_name": ""}, "user_name must be a text that is not empty"),
        ("connection-records", YESTERDAY, {"user_name": 7}, "user_name must be a text"),
        ("connection-records", YESTERDAY, {"language": "fr_FR"}, "language must be 'zh_CN' or 'en_US', not 'fr_FR'"),
        ("connection-records", YESTERDAY, {"min_e2e_rtt": "10"}, "min_e2e_rtt must be a whole number"),
        ("connection-records", YESTERDAY, {"min_e2e_rtt": True}, "min_e2e_rtt must be a whole number"),
        (
            "connection-records",
            YESTERDAY,
            {"max_e2e_rtt": -1},
            "max_e2e_rtt must be a whole number from 0 to 2147483647",
        ),
        ("connection-records", YESTERDAY, {"min_e2e_rtt": 9, "max_e2e_rtt": 8}, "min_e2e_rtt 9 is above max_e2e_rtt 8"),
        (
            "connection-records",
            Window(None, hours_ago(0) - SECOND),
            {},
            "end_time 2026-11-22T04:29:59Z is not over",
        ),
        ("app-usage", Window(hours_ago(3)), {}, "end_time is missing: this export takes both, or neither"),
        ("app-usage", Window(None, hours_ago(3)), {}, "start_time is missing: this export takes both, or neither"),
        ("app-sessions", Window(hours_ago(721), hours_ago(3)), {}, "is more than 30 days ago"),
        ("app-user-access", Window(), {}, "give day, or start_time and end_time"),
        ("app-user-access", Window(hours_ago(3)), {}, "end_time is missing"),
        ("app-user-access", Window(None, hours_ago(3)), {}, "start_time is missing"),
        ("app-user-access", YESTERDAY, {"language": "en_US"}, "'language' is not a filter of app-user-access"),
        ("app-user-access", YESTERDAY, {"sort_type": "ASC"}, "sort_type needs sort_field"),
        ("app-user-access", YESTERDAY, {"sort_field": "username"}, "sort_field must be 'access_failed_count' or"),
        (
            "app-user-access",
            YESTERDAY,
            {"sort_field": "access_failed_count", "sort_type": "asc"},
            "sort_type must be 'ASC' or 'DESC', not 'asc'",
        ),
    ],
)
def test_refuses_what_the_vendor_would_and_says_what_to_change(
    kind: str, window: Window, filters: dict[str, object], says: str
) -> None:
    assert says in "; ".join(find_export(kind).problems(window, filters, NOW))


@pytest.mark.parametrize(
    ("kind", "window", "filters"),
    [
        ("connection-records", Window(hours_ago(720), None), {}),
        ("connection-records", Window(None, hours_ago(0) - 2 * SECOND), {}),
        ("app-sessions", Window(), {}),
        ("app-sessions", YESTERDAY, {"session_state": "Active"}),
        (
            "connection-records",
            YESTERDAY,
            {
                "user_name": "张三",
                "computer_name": "desk-1",
                "terminal_type": "Windows 10",
                "language": "zh_CN",
                "min_e2e_rtt": 0,
                "max_e2e_rtt": 0,
                "enterprise_project_id": "0",
                "public_ip": "203.0.113.7",
            },
        ),
        (
            "app-user-access",
            YESTERDAY,
            {"username": "xxx", "sort_field": "last_access_failed_time", "sort_type": "DESC"},
        ),
        ("app-user-access", YESTERDAY, {"sort_field": "access_failed_count"}),
    ],
)
def test_accepts_every_parameter_of_the_seed_pages(kind: str, window: Window, filters: dict[str, object]) -> None:
    assert find_export(kind).problems(window, filters, NOW) == []


def test_every_problem_is_named_at_once() -> None:
    problems = ACCESS.problems(Window(), {"sort_type": "down", "colour": "red"}, NOW)
    assert len(problems) == 4


def test_an_unknown_kind_is_answered_with_the_known_ones() -> None:
    with pytest.raises(Rejected, match=r"'logins' is not known: use one of connection-records, app-user-access"):
        find_export("logins")


def test_a_snapshot_takes_no_window() -> None:
    rule = WindowRule(Bounds.NONE)
    assert rule.problems(Window(), NOW) == []
    assert rule.problems(YESTERDAY, NOW) == [
        "start_time is not possible: this export is a snapshot of now",
        "end_time is not possible: this export is a snapshot of now",
    ]


def test_bounds_and_filters_go_out_under_the_vendors_names() -> None:
    parameters = RECORDS.wire_parameters(Window(start=hours_ago(3)), {"terminal_type": "Windows 10"})
    assert parameters == {"start_time": "2026-11-22T01:30:00Z", "terminal_type": "Windows 10"}


@given(st.dates(min_value=date(2, 1, 1), max_value=date(9998, 12, 31)))
def test_a_day_is_recognised_from_its_bounds(day: date) -> None:
    window = Window.of_day(day)
    assert window.day == day
    assert Window(window.start, window.end and window.end - timedelta(seconds=1)).day is None


def test_a_window_reads_as_an_interval() -> None:
    assert str(Window.of_day(date(2026, 11, 20))) == "2026-11-20T00:00:00Z/2026-11-20T23:59:59Z"
    assert str(Window(end=datetime(2026, 11, 20, tzinfo=UTC))) == "/2026-11-20T00:00:00Z"
    assert Window(end=datetime(2026, 11, 20, tzinfo=UTC)).day is None
