"""Reuse of an earlier order for the same window."""

from datetime import timedelta

import pytest

from tests.support.builders.examples import NOW, observed_export
from workspace_exports.lifecycle.reuse import is_reusable


class TestRepeats:
    """What was ordered at NOW, and asked for again some time later."""

    @pytest.mark.parametrize(
        ("later", "being_made", "will"),
        [
            (timedelta(minutes=10), False, True),
            (timedelta(minutes=11), False, False),
            (timedelta(minutes=60), True, True),
            (timedelta(minutes=61), True, False),
        ],
    )
    def test_an_open_window_is_the_same_for_minutes_and_an_hour_while_it_is_made(
        self, later: timedelta, *, being_made: bool, will: bool
    ) -> None:
        window = {"day": None, "start_time": "2026-11-22T00:00:00Z"}
        earlier = observed_export(**window, ordered_at=NOW)
        wanted = observed_export(**window, ordered_at=NOW + later)
        assert is_reusable(earlier, wanted, being_made=being_made) == will

    @pytest.mark.parametrize(
        ("later", "being_made", "will"),
        [
            (timedelta(days=20), False, True),
            (timedelta(hours=48), True, True),
            (timedelta(hours=49), True, False),
        ],
    )
    def test_a_whole_day_is_the_same_for_ever_unless_its_task_is_stuck(
        self, later: timedelta, *, being_made: bool, will: bool
    ) -> None:
        earlier, wanted = observed_export(ordered_at=NOW), observed_export(ordered_at=NOW + later)
        assert is_reusable(earlier, wanted, being_made=being_made) == will
