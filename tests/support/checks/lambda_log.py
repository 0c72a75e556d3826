"""Lambda's reading of a line that a function writes, with log format JSON.

Source: the AWS Lambda developer guide, "Log-level filtering": a line without a valid level, or without a valid RFC 3339
timestamp, has the level INFO.
"""

import json
import re
from collections.abc import Iterable
from datetime import datetime

from tests.support.template.document import TEMPLATE

LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
OFFERED: list[str] = TEMPLATE["Parameters"]["LogLevel"]["AllowedValues"]
"""The values of ApplicationLogLevel that a deployment may choose."""
_PYTHONS = {"WARNING": "WARN", "CRITICAL": "FATAL"}
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def level(line: str) -> str:
    """Return the level that the platform takes a line for."""
    document = _document(line)
    stated = stated_level(line)
    return stated if stated in LEVELS and _is_rfc_3339(document.get("timestamp")) else "INFO"


def stated_level(line: str) -> str | None:
    """Return the level that a line states, in Lambda's words; None where it states none."""
    stated = _document(line).get("level")
    return _PYTHONS.get(str(stated), str(stated)) if stated is not None else None


def is_kept(line: str, application_log_level: str) -> bool:
    """Return whether the platform passes a line on to CloudWatch."""
    return LEVELS.index(level(line)) >= LEVELS.index(application_log_level)


def is_metric(line: str) -> bool:
    """Return whether CloudWatch reads metrics from a line."""
    return "_aws" in _document(line)


def misread(lines: Iterable[str]) -> list[str]:
    """Return the lines that the platform takes for something else: no level, another level, no JSON."""
    return [line for line in lines if not is_metric(line) and level(line) != stated_level(line)]


def lost(lines: Iterable[str], application_log_level: str) -> list[str]:
    """Return the warnings, errors and metrics that are not passed on at that level."""
    return [line for line in lines if _matters(line) and not is_kept(line, application_log_level)]


def _matters(line: str) -> bool:
    return is_metric(line) or stated_level(line) in {"WARN", "ERROR", "FATAL"}


def _document(line: str) -> dict[str, object]:
    try:
        document = json.loads(line)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _is_rfc_3339(text: object) -> bool:
    if not isinstance(text, str) or not _RFC_3339.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
