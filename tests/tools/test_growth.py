"""What the growth benchmark is made of: slopes, pictures, and a bucket that lists as S3 does."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.bench.growing import section
from local.bench.growth.bucket import PAGE, Objects
from local.bench.growth.plotting import COSTS, plot, short
from local.bench.growth.slopes import Point, Sweep, peak_bytes, seconds


def sweep(power: float, *, over_bound: int = 0) -> Sweep:
    """Time and requests grow by that power of the work, memory not at all."""
    works = (10, 100, 1000)
    counted = [round(work**power) for work in works]
    points = [
        Point(work, work**power / 100, 50 << 20, count + over_bound, count)
        for work, count in zip(works, counted, strict=True)
    ]
    return Sweep("some-function", "things", points)


class TestSlopes:
    @pytest.mark.parametrize("power", [0.5, 1, 2])
    def test_a_power_of_the_work_is_found(self, power: float) -> None:
        found = sweep(power)
        assert found.exponent(seconds) == pytest.approx(power)
        assert found.worst_step(seconds) == pytest.approx(10 ** (power - 1))

    def test_what_does_not_grow_has_none(self) -> None:
        assert sweep(1).exponent(peak_bytes) == pytest.approx(0)

    def test_one_bad_step_among_good_ones_counts(self) -> None:
        points = [Point(work, cost, 1, 1, 1) for work, cost in ((1, 1.0), (10, 1.0), (20, 4.0), (1000, 4.0))]
        found = Sweep("some-function", "things", points)
        assert found.exponent(seconds) < 0.5
        assert found.worst_step(seconds) == pytest.approx(2)


class TestTheSection:
    @pytest.mark.parametrize(
        ("found", "missed"),
        [
            (sweep(0.5), []),
            (sweep(1), []),
            (sweep(1.5), ["some-function: worst step of processor time"]),
            (sweep(1, over_bound=1), ["all: requests, of their bound"]),
        ],
        ids=["less than linear", "linear", "worse than linear", "one request too many"],
    )
    def test_a_goal_is_missed_by_what_is_worse_than_linear_and_by_a_request_too_many(
        self, found: Sweep, missed: list[str]
    ) -> None:
        told = section({"a.svg": [found]})
        assert [goal.what for goal in told.goals if not goal.is_reached] == missed
        assert len(told.rows) == len(found.points)
        assert {len(row) for row in told.rows} == {len(told.columns)}


class TestPictures:
    def test_equal_sweeps_give_equal_pictures(self, tmp_path: Path) -> None:
        for name in ("one.svg", "other.svg"):
            plot([sweep(1), sweep(2)], tmp_path / name)
        assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "other.svg").read_bytes()

    def test_a_picture_is_svg_with_a_panel_for_each_sweep_and_cost(self, tmp_path: Path) -> None:
        plot([sweep(1), sweep(2)], tmp_path / "one.svg")
        root = ET.parse(tmp_path / "one.svg").getroot()  # noqa: S314 - our own
        panels = [one for one in root.iter() if one.get("id", "").startswith("axes_")]
        assert len(panels) == 2 * len(COSTS)
        text = " ".join(root.itertext())
        assert all(words in text for words in ("some-function", "things", "exponent 2.00", *COSTS))

    @pytest.mark.parametrize(("value", "said"), [(0.01, "0.01"), (1, "1"), (10_000, "10k"), (1_000_000, "1M")])
    def test_axes_are_short(self, value: float, said: str) -> None:
        assert short(value) == said


class TestTheBucket:
    @given(
        keys=st.sets(st.text("ab/", min_size=1, max_size=6), max_size=30),
        prefix=st.text("ab/", max_size=3),
        after=st.text("ab/", max_size=4),
    )
    def test_a_page_is_what_s3_lists(self, keys: set[str], prefix: str, after: str) -> None:
        behind = sorted(key for key in keys if key.startswith(prefix) and key > after)
        assert Objects(keys).page(prefix, after, "").keys == behind
        rolled_up = Objects(keys).page(prefix, "", "/")
        ends = {key: key.find("/", len(prefix)) for key in keys if key.startswith(prefix)}
        assert rolled_up.folders == sorted({key[: end + 1] for key, end in ends.items() if end >= 0})
        assert rolled_up.keys == sorted(key for key, end in ends.items() if end < 0)

    @pytest.mark.parametrize("delimiter", ["", "/"])
    @pytest.mark.parametrize("number", [0, 1, PAGE, PAGE + 1, 2 * PAGE + 1])
    def test_pages_go_on_where_the_last_one_ended(self, number: int, delimiter: str) -> None:
        objects = Objects(f"{n:05}/x" for n in range(number))
        pages, after = 0, ""
        found: list[str] = []
        while True:
            page = objects.page("", after, delimiter)
            pages += 1
            found += page.folders or page.keys
            if page.rest is None:
                break
            after = page.rest
        assert found == [f"{n:05}/{'' if delimiter else 'x'}" for n in range(number)]
        assert pages == max(1, -(-number // PAGE))

    def test_what_was_written_is_forgotten_and_the_rest_is_not(self) -> None:
        objects = Objects(["b"], lambda key: key.encode())
        before = objects.e_tag("b")
        for key in ("a", "b", "c"):
            objects.write(key, b"new")
        objects.delete("c")
        assert (objects.page("", "", "").keys, objects.read("b"), objects.read("c")) == (["a", "b"], b"new", None)
        assert objects.e_tag("b") != before
        objects.forget()
        assert (objects.page("", "", "").keys, objects.read("a"), objects.read("b")) == (["b"], None, b"b")
        assert objects.e_tag("b") == before
