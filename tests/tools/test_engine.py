"""The parts of the local engine that need no engine."""

import os
import random
from pathlib import Path

import pytest

from local.artifact import Artifact
from local.engine.environment import without_credentials
from local.engine.localising import bootstrap_package, localised
from local.engine.polling import poll
from local.engine.state_machines import Pace

DATA = Path(__file__).parent.parent / "data" / "engine"
CODE = {"Bucket": "bucket", "Key": "key"}


def pace(seed: int = 1) -> Pace:
    return Pace(wait_scale=1.0, rng=random.Random(seed))  # noqa: S311 - the same delays every time


@pytest.mark.parametrize(
    ("retrier", "delays"),
    [
        ({}, [1, 2, 4]),
        ({"IntervalSeconds": 3, "BackoffRate": 1.5}, [3, 4.5, 6.75]),
        ({"IntervalSeconds": 5, "BackoffRate": 2, "MaxDelaySeconds": 8}, [5, 8, 8]),
        ({"JitterStrategy": "NONE"}, [1, 2, 4]),
    ],
)
def test_delays_back_off_to_the_cap(retrier: dict[str, float], delays: list[float]) -> None:
    assert [pace().draw(retrier, "Any", attempt).delay_seconds for attempt in range(3)] == delays


def test_full_jitter_draws_from_the_whole_range() -> None:
    unhurried = pace()
    drawn = [unhurried.draw({"JitterStrategy": "FULL", "IntervalSeconds": 10}, "Any", 0) for _ in range(200)]
    delays = [retry.delay_seconds for retry in drawn]
    assert 0 <= min(delays) < 1
    assert 9 < max(delays) <= 10


def test_the_same_seed_draws_the_same_delays() -> None:
    jitter = {"JitterStrategy": "FULL"}
    assert pace(3).draw(jitter, "Any", 0) == pace(3).draw(jitter, "Any", 0)


def test_nothing_of_aws_is_seen_until_the_block_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "secret")
    with without_credentials({"SETTING": "1"}):
        assert "AWS_SESSION_TOKEN" not in os.environ
        assert os.environ["SETTING"] == "1"
    assert os.environ["AWS_SESSION_TOKEN"] == "secret"
    assert "SETTING" not in os.environ


def test_python_functions_run_on_a_custom_runtime() -> None:
    properties = localised(DATA / "template.yaml", CODE)["Resources"]["Probe"]["Properties"]
    assert (properties["Runtime"], properties["CodeUri"]) == ("provided.al2023", CODE)


def test_a_runtime_that_cannot_be_told_is_refused(tmp_path: Path) -> None:
    template = tmp_path / "template.yaml"
    template.write_text("Resources: {F: {Type: AWS::Serverless::Function, Properties: {Runtime: !Ref R}}}")
    with pytest.raises(TypeError, match="runtime"):
        localised(template, CODE)


def test_state_machines_carry_the_definition_of_their_file() -> None:
    properties = localised(DATA / "template.yaml", CODE)["Resources"]["Attempt"]["Properties"]
    assert properties["Definition"]["StartAt"] == "Which one"
    assert "DefinitionUri" not in properties


def test_paths_with_spaces_survive_the_bootstrap() -> None:
    assert b"'/my code'" in bootstrap_package(Artifact(code=Path("/my code"), ric=Path("/ric")))


def test_waiting_in_vain_says_what_for() -> None:
    with pytest.raises(TimeoutError, match="the rain"):
        poll(lambda: None, timeout_seconds=0.0, waiting_for="the rain")
