"""Some rows of docs/faults.md, tried again: they come to what the page says, and what is lost or doubled is found."""

from collections.abc import Iterator

import pytest

from local.trials.page import PAGE, row
from local.trials.programme import programme
from local.trials.stage import STAGES, Stage, set_up

pytestmark = pytest.mark.long

ROWS = [
    "vendor connection-records throttled once",
    "vendor connection-records lost-answer once",
    "vendor connection-records task-failed always",
    "vendor list unknown-status once",
    "vendor list lost-answer always",
    "vendor download cut-file-unnoticed always",
    "vendor download page-for-file once",
    "storage create answer lost once",
    "storage put AccessDenied always",
    "storage list stale listing once",
]
TRIALS = {str(trial): trial for trial in programme()}


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with set_up(STAGES["plain"]) as stage:
        yield stage


@pytest.mark.parametrize("name", ROWS)
def test_a_row_comes_to_the_same_again(name: str, stage: Stage) -> None:
    finding = stage.play(TRIALS[name])
    assert finding.is_sound
    assert row(finding) in PAGE.read_text(encoding="utf-8").splitlines()


class TestProblems:
    @pytest.fixture
    def project_id(self, stage: Stage) -> str:
        """One whose day is archived."""
        project_id = stage.new_project()
        assert stage.export(project_id) == "landed"
        assert list(stage.problems(project_id)) == []
        return project_id

    def test_a_day_that_is_not_there_is_lost(self, stage: Stage) -> None:
        assert list(stage.problems(stage.new_project())) == ["0 manifests"]

    def test_a_second_manifest_is_one_too_many(self, stage: Stage, project_id: str) -> None:
        (key,) = stage.keys("manifests", project_id)
        stage.put(f"{key}.copy", stage.read(key))
        assert list(stage.problems(project_id)) == ["2 manifests"]

    def test_a_second_object_is_one_too_many(self, stage: Stage, project_id: str) -> None:
        (key,) = stage.keys("data", project_id)
        stage.put(f"{key}.copy", stage.read(key))
        assert list(stage.problems(project_id)) == ["2 objects"]

    def test_another_object_is_not_the_manifests(self, stage: Stage, project_id: str) -> None:
        (key,) = stage.keys("data", project_id)
        stage.put(key, b"other")
        assert list(stage.problems(project_id)) == [
            "the object is not the manifest's",
            "the object is not the vendor's",
        ]
