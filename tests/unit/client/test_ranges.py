"""Range requests: what is asked for, and what is taken for the rest of the same file."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workspace_exports.client.ranges import Version, check_nothing_is_left, rest_of_file, whole_file
from workspace_exports.core.errors import BadFile

ANSWERED = datetime(2026, 11, 22, 4, 30, tzinfo=UTC)
DATED = format_datetime(ANSWERED - timedelta(hours=1), usegmt=True)
STRONG = Version('"a"', None, 1000)
WEAK = Version('W/"a"', None, 1000)
BY_DATE = Version(None, DATED, 1000)
NAMELESS = Version(None, None, 1000)


def lowered(headers: dict[str, str]) -> dict[str, str]:
    """As httpx looks names up; its own headers would not hold what a raw answer may."""
    return {name.lower(): value for name, value in headers.items()}


def version_of(headers: dict[str, str]) -> Version:
    return whole_file(lowered(headers)).version


def dated(modified: datetime, **more: str) -> Version:
    modified_at, answered_at = (format_datetime(moment, usegmt=True) for moment in (modified, ANSWERED))
    return version_of({"Last-Modified": modified_at, "Date": answered_at, **more})


@pytest.mark.parametrize(
    ("etag", "is_strong"),
    [
        ('"a"', True),
        ('""', True),
        ('"a b"', False),
        ('W/"a"', False),
        ('w/"a"', False),
        ("a", False),
        ('"a', False),
        ('"a", "b"', False),
        ('"é"', False),
        ("", False),
    ],
)
def test_an_etag_is_strong_only_as_the_rfc_writes_it(etag: str, is_strong: bool) -> None:  # noqa: FBT001 - a table
    version = version_of({"ETag": etag})
    assert version.etag == etag
    assert version.validator == (etag if is_strong else None)


def test_a_date_is_strong_a_second_before_the_answers_own() -> None:
    assert dated(ANSWERED - timedelta(seconds=1)).validator
    assert dated(ANSWERED).validator is None
    assert dated(ANSWERED + timedelta(days=1)).validator is None


def test_a_date_is_strong_only_beside_another_and_as_plain_text() -> None:
    assert version_of({"Last-Modified": DATED}).validator is None
    assert version_of({"Date": DATED}).validator is None
    assert version_of({"Last-Modified": "yesterday", "Date": DATED}).validator is None
    assert version_of({"Last-Modified": f"{DATED} (é)", "Date": format_datetime(ANSWERED)}).validator is None


def test_a_date_does_not_stand_in_for_a_weak_etag() -> None:
    assert dated(ANSWERED - timedelta(hours=1), ETag='W/"a"').validator is None
    assert dated(ANSWERED - timedelta(hours=1), ETag='"a"').validator == '"a"'


@pytest.mark.parametrize(
    ("length", "size_bytes"), [("0", 0), ("1000", 1000), ("", None), ("-1", None), ("+1", None), ("9" * 19, None)]
)
def test_a_length_is_a_plain_number(length: str, size_bytes: int | None) -> None:
    assert version_of({"Content-Length": length}).size_bytes == size_bytes


@pytest.mark.parametrize(
    ("version", "position", "headers"),
    [
        (STRONG, 100, {"Range": "bytes=100-", "If-Range": '"a"'}),
        (BY_DATE, 100, {"Range": "bytes=100-", "If-Range": DATED}),
        (STRONG, 0, {}),
        (WEAK, 100, {}),
        (NAMELESS, 100, {}),
    ],
)
def test_a_range_is_asked_for_only_under_the_condition_that_the_file_is_the_same(
    version: Version, position: int, headers: dict[str, str]
) -> None:
    assert version.range_headers(position) == headers


@pytest.mark.parametrize(
    ("begun", "headers", "ends_at", "size_bytes"),
    [
        (STRONG, {"Content-Range": "bytes 100-999/1000", "ETag": '"a"'}, 1000, 1000),
        (STRONG, {"Content-Range": "bytes 100-999/1000"}, 1000, 1000),
        (STRONG, {"Content-Range": "bytes 100-999/*"}, 1000, 1000),
        (STRONG, {"Content-Range": "bytes 100-100/1000"}, 101, 1000),
        (Version('"a"'), {"Content-Range": "bytes 100-199/200"}, 200, 200),
        (BY_DATE, {"Content-Range": "bytes 100-999/1000", "Last-Modified": DATED}, 1000, 1000),
        (STRONG, {"Content-Range": "bytes 100-999/1000", "Last-Modified": DATED}, 1000, 1000),
    ],
)
def test_a_206_goes_on_where_the_last_answer_ended(
    begun: Version, headers: dict[str, str], ends_at: int, size_bytes: int | None
) -> None:
    part = rest_of_file(begun, 100, 206, lowered(headers))
    assert (part.starts_at, part.ends_at, part.is_proven) == (100, ends_at, True)
    assert part.version == Version(begun.etag, begun.last_modified, size_bytes)


@pytest.mark.parametrize(
    ("begun", "headers", "says"),
    [
        (STRONG, {}, "another part"),
        (STRONG, {"Content-Range": "bytes 99-999/1000"}, "another part"),
        (STRONG, {"Content-Range": "bytes 101-999/1000"}, "another part"),
        (STRONG, {"Content-Range": "bytes 0-999/1000"}, "another part"),
        (STRONG, {"Content-Range": "bytes */1000"}, "another part"),
        (STRONG, {"Content-Range": "bytes 100-999/1000 "}, "another part"),
        (STRONG, {"Content-Range": "rows 100-999/1000"}, "another part"),
        (STRONG, {"Content-Range": "bytes 100-99/1000"}, "impossible part"),
        (STRONG, {"Content-Range": "bytes 100-1000/1000"}, "impossible part"),
        (STRONG, {"Content-Range": "bytes 100-1000/*"}, "impossible part"),
        (STRONG, {"Content-Range": "bytes 100-1000/1001"}, "had 1000 bytes and has 1001"),
        (STRONG, {"Content-Range": "bytes 100-999/1000", "ETag": '"b"'}, "ETag"),
        (STRONG, {"Content-Range": "bytes 100-999/1000", "ETag": 'W/"a"'}, "ETag"),
        (BY_DATE, {"Content-Range": "bytes 100-999/1000", "ETag": '"b"'}, "ETag"),
        (BY_DATE, {"Content-Range": "bytes 100-999/1000", "Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT"}, "date"),
        (WEAK, {"Content-Range": "bytes 100-999/1000", "ETag": 'W/"a"'}, "another part"),
        (NAMELESS, {"Content-Range": "bytes 100-999/1000"}, "another part"),
    ],
)
def test_any_other_206_is_refused(begun: Version, headers: dict[str, str], says: str) -> None:
    with pytest.raises(BadFile, match=says):
        rest_of_file(begun, 100, 206, lowered(headers))


@pytest.mark.parametrize(
    ("begun", "headers", "is_proven"),
    [
        (STRONG, {"ETag": '"a"', "Content-Length": "1000"}, True),
        (STRONG, {"ETag": '"a"'}, True),
        (WEAK, {"ETag": 'W/"a"', "Content-Length": "1000"}, False),
        (WEAK, {}, False),
        (BY_DATE, {"Last-Modified": DATED}, False),
        (BY_DATE, {"ETag": '"b"'}, False),
        (NAMELESS, {"ETag": '"b"'}, False),
    ],
)
def test_a_200_begins_anew_and_only_a_strong_etag_proves_that_it_is_the_same(
    begun: Version,
    headers: dict[str, str],
    is_proven: bool,  # noqa: FBT001 - a table
) -> None:
    part = rest_of_file(begun, 100, 200, lowered(headers))
    assert (part.starts_at, part.ends_at, part.is_proven) == (0, 1000, is_proven)
    assert (part.version.etag, part.version.size_bytes) == (headers.get("ETag"), 1000)


@pytest.mark.parametrize(
    ("begun", "headers", "says"),
    [
        (STRONG, {"ETag": '"b"', "Content-Length": "1000"}, "ETag"),
        (STRONG, {"ETag": 'W/"a"', "Content-Length": "1000"}, "ETag"),
        (STRONG, {"Content-Length": "1000"}, "ETag"),
        (STRONG, {"ETag": '"a"', "Content-Length": "999"}, "had 1000 bytes and has 999"),
        (WEAK, {"ETag": 'W/"b"', "Content-Length": "1000"}, "ETag"),
        (NAMELESS, {"Content-Length": "1001"}, "had 1000 bytes and has 1001"),
    ],
)
def test_a_200_of_another_file_is_refused(begun: Version, headers: dict[str, str], says: str) -> None:
    with pytest.raises(BadFile, match=rf"changed while it was being read \(.*{says}.*must start again"):
        rest_of_file(begun, 100, 200, lowered(headers))


@pytest.mark.parametrize("status", [202, 204])
def test_any_other_success_is_refused(status: int) -> None:
    with pytest.raises(BadFile, match=f"answered {status}"):
        rest_of_file(STRONG, 100, status, {})


def test_a_416_may_say_that_all_had_come() -> None:
    check_nothing_is_left(Version('"a"'), 100, {"content-range": "bytes */100"})


@pytest.mark.parametrize(
    ("begun", "headers"),
    [
        (Version('"a"'), {}),
        (Version('"a"'), {"Content-Range": "bytes */99"}),
        (Version('"a"'), {"Content-Range": "bytes */100", "ETag": '"b"'}),
        (Version(), {"Content-Range": "bytes */100"}),
    ],
)
def test_any_other_416_is_of_another_file(begun: Version, headers: dict[str, str]) -> None:
    with pytest.raises(BadFile, match="changed while it was being read"):
        check_nothing_is_left(begun, 100, lowered(headers))


_TEXTS = st.text(st.characters(max_codepoint=255), max_size=40) | st.from_regex(
    r"bytes [0-9]{1,20}-[0-9]{1,20}/([0-9]{1,20}|\*)", fullmatch=True
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    headers=st.dictionaries(
        st.sampled_from(["etag", "content-range", "content-length", "last-modified", "date"]), _TEXTS
    ),
    begun=st.sampled_from([STRONG, WEAK, BY_DATE, NAMELESS, Version()]),
    status=st.sampled_from([200, 206]),
)
def test_every_answer_is_refused_or_is_a_possible_part(headers: dict[str, str], begun: Version, status: int) -> None:
    try:
        part = rest_of_file(begun, 100, status, headers)
    except BadFile:
        return
    assert part.starts_at in {0, 100}
    assert part.version.size_bytes == begun.size_bytes or begun.size_bytes is None
    assert part.is_proven == (begun.validator is not None and (status == 206 or begun.strong_etag is not None))
    for name, value in part.version.range_headers(100).items():
        assert httpx.Headers({name: value})[name] == value
