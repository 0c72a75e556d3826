"""Newline-delimited JSON on its way into the archive: each line an object, and the last one whole."""

import pytest

from workspace_exports.archive.file_checks import Inspection
from workspace_exports.core.errors import BadFile

GOOD = [
    b'{"a":1}\n',
    b'{"a":1}\n{"a":1}\n',
    b'{}\n{"error_code":"WKS.0001","error_msg":"of an event, not of the answer"}\n',
    '{"名":"张三\\u2028 😀"}\n'.encode(),
    b'{"a":"\\ud800"}\n{"a":[{}]}\n' * 5000,
]
BAD = [
    (b'{"a":1}', "Line 1 has no end: the file was cut short"),
    (b'{"a":1}\n{"b":', "Line 2 has no end: the file was cut short"),
    (b'{"a":1}\n{"b":\n', "Line 2 is no JSON object"),
    (b'{"a":1}\n\n', "Line 2 is no JSON object"),
    (b"[1]\n", "Line 1 is no JSON object"),
    (b"null\n", "Line 1 is no JSON object"),
    (b"<html>\n<p>\n", "Line 1 is no JSON object"),
    (b'{"a":1}\n' + b"[" * 100_000 + b"\n", "Line 2 is no JSON object"),
    (b'{"a":"\xff"}\n', "Line 1 is no JSON object"),
    (b'{"a":1}\n{"b":"' + b"x" * 9_000_000, "Line 2 is too long for a row"),
]


def inspected(content: bytes, step: int) -> Inspection:
    inspection = Inspection(None, ".ndjson", is_framed=True)
    for _ in inspection.watch(content[place : place + step] for place in range(0, len(content), step)):
        pass
    return inspection


@pytest.mark.parametrize("step", [1, 7, 1 << 20])
@pytest.mark.parametrize("content", GOOD, ids=range(len(GOOD)))
def test_lines_of_objects_are_the_format(content: bytes, step: int) -> None:
    assert inspected(content, step).format == "ndjson"


@pytest.mark.parametrize("step", [1009, 1 << 20])
@pytest.mark.parametrize(("content", "says"), BAD, ids=range(len(BAD)))
def test_anything_else_is_refused_by_its_first_wrong_line(content: bytes, says: str, step: int) -> None:
    with pytest.raises(BadFile, match=f"no newline-delimited JSON: {says}"):
        inspected(content, step)


def test_a_json_document_is_still_refused_under_any_other_name() -> None:
    with pytest.raises(BadFile, match="JSON came instead of the file"):
        for _ in Inspection(None, ".csv", is_framed=True).watch([b'{"a":1}\n']):
            pass
