"""What Lambda makes of the lines of the one logger, and the model of that."""

import io
import json

import pytest

from tests.support.checks import lambda_log
from workspace_exports.core.log import logger

LINE = {"level": "ERROR", "timestamp": "2026-11-28T04:36:00.426+00:00"}


@pytest.mark.parametrize("level", ["info", "warning", "error", "critical"])
def test_a_line_has_to_lambda_the_level_it_states(level: str, log: io.StringIO) -> None:
    getattr(logger, level)("anything", field=1)
    (line,) = log.getvalue().splitlines()
    assert lambda_log.level(line) == lambda_log.stated_level(line)
    assert json.loads(line)["level"] == level.upper()


@pytest.mark.parametrize(
    ("line", "level"),
    [
        (json.dumps(LINE), "ERROR"),
        (json.dumps(LINE | {"timestamp": "2024-11-02T16:51:31.587199Z"}), "ERROR"),
        (json.dumps(LINE | {"level": "WARNING"}), "WARN"),
        (json.dumps(LINE | {"level": "CRITICAL"}), "FATAL"),
        (json.dumps(LINE | {"level": "LOUD"}), "INFO"),
        (json.dumps({"log_level": "ERROR"} | {"timestamp": LINE["timestamp"]}), "INFO"),
        (json.dumps(LINE | {"timestamp": "2026-11-28 04:36:00,426+0000"}), "INFO"),
        (json.dumps(LINE | {"timestamp": "2026-11-28T04:36:00.426"}), "INFO"),
        (json.dumps(LINE | {"timestamp": "2026-02-30T04:36:00Z"}), "INFO"),
        (json.dumps({"level": "ERROR"}), "INFO"),
        ("/var/task/x.py:1: UserWarning: something", "INFO"),
        ("[1]", "INFO"),
    ],
)
def test_lambda_takes_a_level_only_with_a_timestamp_in_rfc_3339(line: str, level: str) -> None:
    assert lambda_log.level(line) == level


def test_what_is_not_understood_and_what_is_lost_is_named() -> None:
    metric = json.dumps({"_aws": {}, "Looks": [1.0]})
    old = json.dumps(LINE | {"timestamp": "2026-11-28 04:36:00,426+0000"})
    lines = [json.dumps(LINE), metric, old, "a warning of Python's"]
    assert lambda_log.misread(lines) == [old, "a warning of Python's"]
    assert lambda_log.lost(lines, "INFO") == []
    assert lambda_log.lost(lines, "WARN") == [metric, old]
