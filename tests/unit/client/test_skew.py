"""Our clock is held against the Date of the vendor's answer, and named when it is the trouble."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from workspace_exports.client.answers import Answer, to_exception
from workspace_exports.client.skew import clock_skew, describe_skew
from workspace_exports.core.clock import utc_now
from workspace_exports.core.errors import Unauthorized

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("date", "text"),
    [
        ("Sun, 22 Nov 2026 11:43:00 GMT", "17 minutes ahead of"),
        ("Sun, 22 Nov 2026 12:17:00 GMT", "17 minutes behind"),
        ("Sun, 22 Nov 2026 11:43:00 -0000", "17 minutes ahead of"),
        ("Sun, 22 Nov 2026 13:43:00 +0200", "17 minutes ahead of"),
        ("Sun, 22 Nov 2026 09:00:00 GMT", "3 hours ahead of"),
        ("Thu, 01 Jan 1970 00:00:00 GMT", "20780 days ahead of"),
    ],
)
def test_a_skew_is_said_in_words(date: str, text: str) -> None:
    skew = clock_skew(date, NOW)
    assert skew is not None
    assert describe_skew(skew) == f"the clock here is {text} the vendor's"


@pytest.mark.parametrize(
    "date",
    [
        None,
        "",
        "yesterday",
        "Sun, 22 Nov 2026 12:05:00 GMT",
        "Sun, 22 Nov 2026 11:55:00 GMT",
        "Sun, 22 Nov 100000 12:00:00 GMT",
        "Sun, 99999999999999999999 Nov 2026 12:00:00 GMT",
    ],
)
def test_no_skew_is_claimed_where_it_is_small_or_cannot_be_told(date: str | None) -> None:
    assert clock_skew(date, NOW) is None


def test_a_refusal_says_that_the_clock_is_the_trouble() -> None:
    theirs = format_datetime(utc_now() - timedelta(minutes=17, seconds=2), usegmt=True)
    error = to_exception(
        Answer(401, {"date": theirs}, b'{"error_code": "APIGW.0303", "error_msg": "no"}'), "order the export"
    )
    assert isinstance(error, Unauthorized)
    assert "the clock here is 17 minutes ahead of the vendor's" in str(error)
    assert "Correct this machine's clock" in str(error)
    assert error.vendor_code == "APIGW.0303"


def test_a_refusal_with_the_right_time_speaks_of_the_credentials() -> None:
    error = to_exception(Answer(401, {"date": format_datetime(utc_now(), usegmt=True)}, b""), "order the export")
    assert "clock" not in str(error)
    assert "Check access key" in str(error)
