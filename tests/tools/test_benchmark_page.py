"""How benchmarks measure, judge, keep and show; what they measure is theirs."""

import os
import sys
from datetime import date
from pathlib import Path

import pytest

from local.artifact import ROOT
from local.bench import __main__ as bench
from local.bench.__main__ import BENCHMARKS, KEPT, LACKING, PAGE
from local.bench.costing import Count
from local.bench.measuring import Measure, interleaved, measured, median, ratio
from local.bench.page import page
from local.bench.results import Circumstances, Goal, Record, Section, load, save
from local.bench.servers import ProgramMissing, find_nginx

RECORD = Record(
    circumstances=Circumstances(
        day=date(2026, 11, 22), command="make bench", rounds=3, machine="a machine", versions={"Python": "3.13.0"}
    ),
    section=Section(
        title="Cold start",
        text="What was done.",
        columns=("what", "ratio"),
        rows=(("ours", "0.5"), ("theirs", "1.0")),
        goals=(
            Goal(what="imports", seen=0.345, at_most=0.35),
            Goal(what="calls", seen=1.1, at_least=1.2),
        ),
        notes=("Not on AWS.",),
    ),
)


def test_the_page_that_is_committed_is_what_was_kept() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(load(KEPT)), "run: make bench"
    assert list(load(KEPT)) == list(BENCHMARKS), "a benchmark was never kept"


def test_the_page_shows_every_figure_goal_and_circumstance() -> None:
    shown = page({"imports": RECORD})
    for part in (
        "| Cold start | imports | at most 0.35 | 0.345 | yes |",
        "| Cold start | calls | at least 1.2 | 1.1 | **no** |",
        "| ours | 0.5 |\n| theirs | 1.0 |",
        "- calls: **1.1**, at least 1.2 **missed**.",
        "- Not on AWS.",
        "`make bench` on 2026-11-22, up to 3 rounds; a machine; Python 3.13.0.",
    ):
        assert part in shown


def test_what_is_kept_comes_back_in_the_order_of_the_page(tmp_path: Path) -> None:
    file = tmp_path / "kept.json"
    save(file, {"money": RECORD, "imports": RECORD, "gone": RECORD}, ["imports", "money", "package"])
    assert load(file) == {"imports": RECORD, "money": RECORD}
    assert list(load(file)) == ["imports", "money"]
    assert load(tmp_path / "none.json") == {}


@pytest.mark.parametrize(
    ("goal", "reached"),
    [
        (Goal(what="x", seen=0.5, at_most=0.5), True),
        (Goal(what="x", seen=0.51, at_most=0.5), False),
        (Goal(what="x", seen=1.2, at_least=1.2), True),
        (Goal(what="x", seen=1.19, at_least=1.2), False),
    ],
    ids=str,
)
def test_a_bound_itself_is_reached(goal: Goal, reached: bool) -> None:  # noqa: FBT001
    assert goal.is_reached is reached


def test_a_process_is_measured_and_tells_the_rest() -> None:
    script = (
        'import sys; x = bytearray(64 << 20); print(\'noise\'); print(\'{"peak_bytes": 5, "read": "%s"}\' % input())'
    )
    seen = measured([sys.executable, "-S", "-c", script], {}, stdin="given")
    assert (seen.peak_bytes, seen.told) == (5, {"read": "given"})
    assert seen.wall_seconds >= seen.cpu_seconds / 2 > 0


def test_a_process_that_fails_says_why() -> None:
    with pytest.raises(RuntimeError, match=r"ended with 3: no such thing"):
        measured([sys.executable, "-S", "-c", "import sys; sys.stderr.write('no such thing'); sys.exit(3)"], {})


def test_every_case_runs_once_a_round_and_none_is_always_first() -> None:
    ran: list[str] = []

    def case(name: str) -> Measure:
        ran.append(name)
        return Measure(len(ran), 0)

    taken = interleaved({name: lambda name=name: case(name) for name in "abc"}, rounds=3)  # type: ignore[misc]
    assert "".join(ran) == "abc" + "abc" + "bca" + "cab"
    assert median(taken["a"], lambda measure: measure.wall_seconds) == 9


def test_without_nginx_it_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(ProgramMissing, match="nginx-light"):
        find_nginx(str(tmp_path))


def test_what_is_missing_is_said_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def lacking(_rounds: int) -> Section:
        raise ProgramMissing("install nginx-light")

    monkeypatch.setattr(bench, "BENCHMARKS", {"imports": lacking})
    assert bench.main(["imports", "--dry-run"]) == LACKING
    assert capsys.readouterr().err == "install nginx-light\n"


@pytest.mark.parametrize("rounds", ["0", "-1", "many"])
def test_rounds_are_a_number(rounds: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        bench.main([f"--rounds={rounds}"])
    assert "at least 1" in capsys.readouterr().err


def test_an_interrupted_measurement_leaves_no_process_behind(tmp_path: Path) -> None:
    said = tmp_path / "pid"
    script = f"""
import os, signal, sys, time
open({str(said)!r}, "w").write(str(os.getpid()))
os.kill(os.getppid(), signal.SIGINT)
time.sleep(60)
"""
    with pytest.raises(KeyboardInterrupt):
        measured([sys.executable, "-S", "-c", script], {})
    with pytest.raises(ProcessLookupError):
        os.kill(int(said.read_text()), 0)


def test_what_a_process_tells_is_told_with_its_peak_memory() -> None:
    script = "from local.bench.telling import tell; held = bytearray(64 << 20); tell(read=1)"
    seen = measured([sys.executable, "-c", script], {"PYTHONPATH": str(ROOT)})
    assert seen.told == {"read": 1}
    assert seen.peak_bytes > 64 << 20


@pytest.mark.parametrize("module", ["statistics", "subprocess", "tempfile"])
def test_telling_costs_a_peer_nothing(module: str) -> None:
    script = f"import local.bench.telling, sys; assert {module!r} not in sys.modules"
    measured([sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {script}"], {})


def test_a_ratio_is_that_of_the_rounds_whatever_the_machine_did_in_between() -> None:
    ours, theirs = ([Measure(seconds, 0) for seconds in taken] for taken in ((1, 10, 3), (2, 20, 4)))
    assert ratio(ours, theirs, lambda measure: measure.wall_seconds) == 0.5


def test_the_difference_of_two_runs_is_the_cost_of_each_further_window() -> None:
    few, many = Count(transitions=50, s3_writes=52), Count(transitions=250, s3_writes=252)
    assert (many - few) / 20 == Count(transitions=10, s3_writes=10)
