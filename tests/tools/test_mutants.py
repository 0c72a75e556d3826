"""What is kept of mutants between runs, what counts as noticed, and which reason is whose."""

import dataclasses
from pathlib import Path
from typing import ClassVar

import pytest

from local.mutants.mutant import Mutant, Verdict
from local.mutants.reasons import Place, Reasons
from local.mutants.recorded import Record, file_of
from local.mutants.results import Memory, ModuleResults, score
from local.mutants.scope import AREAS, chosen, modules, path_of

MUTANT = Mutant(
    function="Policy.wait",
    first_line=12,
    last_line=13,
    body=range(10, 20),
    context="c0ffee",
    was="return a < b",
    becomes="return a <= b",
    source="",
)


def another(**changes: object) -> Mutant:
    return dataclasses.replace(MUTANT, **changes)  # type: ignore[arg-type]


class TestMemory:
    def kept(self, folder: Path, verdict: Verdict) -> Memory:
        memory = Memory(folder, "vendor/retry")
        memory.keep(MUTANT, verdict, "as the tests are")
        return Memory(folder, "vendor/retry")

    @pytest.mark.parametrize("verdict", Verdict)
    def test_a_verdict_holds_while_nothing_has_changed(self, verdict: Verdict, tmp_path: Path) -> None:
        found = self.kept(tmp_path, verdict).recall([MUTANT], lambda _: "as the tests are")
        assert found == {MUTANT.key: verdict}

    def test_a_kill_outlives_other_tests_and_a_survival_does_not(self, tmp_path: Path) -> None:
        for verdict, expected in ((Verdict.KILLED, {MUTANT.key: Verdict.KILLED}), (Verdict.SURVIVED, {})):
            memory = self.kept(tmp_path / verdict, verdict)
            assert memory.recall([MUTANT], lambda _: "other tests") == expected

    def test_nothing_outlives_another_function(self, tmp_path: Path) -> None:
        memory = self.kept(tmp_path, Verdict.KILLED)
        assert memory.recall([another(context="decaf")], lambda _: "as the tests are") == {}

    def test_a_mutant_that_has_only_moved_is_the_same(self, tmp_path: Path) -> None:
        memory = self.kept(tmp_path, Verdict.KILLED)
        assert memory.recall([another(first_line=112, last_line=113)], lambda _: "as the tests are")

    def test_what_is_forgotten_is_tried_again(self, tmp_path: Path) -> None:
        memory = self.kept(tmp_path, Verdict.KILLED)
        memory.forget()
        assert memory.recall([MUTANT], lambda _: "as the tests are") == {}


class TestScore:
    def results(self, *verdicts: Verdict) -> ModuleResults:
        mutants = [another(repetition=number) for number in range(len(verdicts))]
        known = {mutant.key: verdict for mutant, verdict in zip(mutants, verdicts, strict=True)}
        return ModuleResults("vendor/retry", mutants, known)

    def test_who_hangs_is_noticed_as_who_fails_is(self) -> None:
        assert score([self.results(Verdict.KILLED, Verdict.TIMEOUT, Verdict.SURVIVED)]) == pytest.approx(2 / 3)

    def test_mutants_count_and_not_modules(self) -> None:
        small, large = self.results(Verdict.SURVIVED), self.results(*[Verdict.KILLED] * 9)
        assert score([small, large]) == pytest.approx(0.9)

    def test_what_was_not_tried_is_not_noticed(self) -> None:
        assert score([ModuleResults("vendor/retry", [MUTANT])]) == 0


class TestReasons:
    REASONS = Reasons(
        (("about waiting", (Place("vendor/*", "Policy.*", was="a < b"),)), ("about the rest", (Place(),)))
    )

    def test_the_first_that_holds_counts(self) -> None:
        assert self.REASONS.why("vendor/retry", MUTANT) == "about waiting"
        assert self.REASONS.why("archive/keys", MUTANT) == "about the rest"

    @pytest.mark.parametrize(
        "place",
        [
            Place(module="archive/*"),
            Place(function="other"),
            Place(was="a > b"),
            Place(becomes="a < b"),
        ],
        ids=["module", "function", "was", "becomes"],
    )
    def test_all_that_a_place_says_must_hold(self, place: Place) -> None:
        assert Reasons((("no reason", (place,)),)).why("vendor/retry", MUTANT) is None

    def test_a_reason_without_a_survivor_is_told(self) -> None:
        results = ModuleResults("vendor/retry", [MUTANT], {MUTANT.key: Verdict.SURVIVED})
        stale = Reasons((("gone", (Place(function="other"),)), ("here", (Place(function="Policy.wait"),))))
        assert len(stale.unused([results])) == 1

    def test_those_that_are_kept_can_be_read(self) -> None:
        assert Reasons.load().kept


class TestRecord:
    SECONDS: ClassVar = {
        "a.py::close": 0.5,
        "a.py::slow": 3.0,
        "b.py::wide": 0.9,
        "b.py::t[s3]": 1.0,
        "b.py::t[folder]": 0.2,
    }

    def record(self, **lines: list[str]) -> Record:
        numbered = {line.removeprefix("line_"): tests for line, tests in lines.items()}
        elsewhere = {str(line): ["b.py::wide"] for line in range(9)}
        covered = {str(path_of("vendor/retry")): numbered, str(path_of("archive/keys")): elsewhere}
        return Record(self.SECONDS, covered, {"a.py": "1", "b.py": "1"})

    def test_the_tests_of_the_statement_are_run_those_first_that_run_little_else(self) -> None:
        record = self.record(line_12=["b.py::wide"], line_13=["a.py::close"], line_15=["a.py::slow"])
        assert list(record.tests_for("vendor/retry", MUTANT)) == ["a.py::close", "b.py::wide"]

    def test_where_no_test_runs_the_statement_those_of_the_function_are(self) -> None:
        record = self.record(line_15=["a.py::slow"], line_30=["a.py::close"])
        assert list(record.tests_for("vendor/retry", MUTANT)) == ["a.py::slow"]

    def test_of_many_those_are_run_that_fit_into_the_time(self) -> None:
        record = self.record(line_12=["a.py::close", "a.py::slow", "b.py::wide"])
        assert list(record.tests_for("vendor/retry", MUTANT)) == ["a.py::close", "a.py::slow"]

    def test_a_test_on_a_folder_spares_the_same_on_s3(self) -> None:
        record = self.record(line_12=["b.py::t[s3]", "b.py::t[folder]"])
        assert list(record.tests_for("vendor/retry", MUTANT)) == ["b.py::t[folder]"]
        assert list(self.record(line_12=["b.py::t[s3]"]).tests_for("vendor/retry", MUTANT)) == ["b.py::t[s3]"]

    def test_the_state_of_tests_changes_with_their_file(self) -> None:
        record = self.record()
        before = [record.state_of(["a.py::close"]), record.state_of(["b.py::wide"])]
        record.digests["a.py"] = "2"
        after = [record.state_of(["a.py::close"]), record.state_of(["b.py::wide"])]
        assert (before[0] == after[0], before[1] == after[1]) == (False, True)
        assert file_of("a.py::close[x::y]") == "a.py"


def test_a_name_chooses_an_area_or_a_module_and_none_all() -> None:
    assert chosen(["retry"]) == ["vendor/retry"]
    assert chosen(["archive/keys", "retry"]) == ["vendor/retry", "archive/keys"]
    assert chosen([]) == [module for area in AREAS for module in modules(area)]
    with pytest.raises(KeyError, match="nothing"):
        chosen(["nothing"])


def test_every_module_that_is_named_is_there() -> None:
    assert all(path_of(module).exists() for module in chosen([]))
