"""The files that the stand-in makes."""

import io
import json
import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from local.standin.columns import CANARIES, CANARY_USER
from local.standin.operations import EXPORTS
from local.standin.reports import REPORT_SHEET, REQUEST_SHEET, ReportShelf, ReportSpec, build, expected_rows

WINDOW = (datetime(2026, 11, 19, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC))
SPEC = ReportSpec(
    kind="connection-records", project_id="p", parameters={"user_name": "=1+1", "language": "en_US"}, window=WINDOW
)


def built(spec: ReportSpec, directory: Path) -> bytes:
    path = directory / "report.xlsx"
    build(spec, path)
    return path.read_bytes()


def opened(spec: ReportSpec, directory: Path) -> Workbook:
    return load_workbook(io.BytesIO(built(spec, directory)))


@pytest.mark.parametrize("kind", EXPORTS)
def test_a_file_reads_back_as_the_rows_it_was_made_from(kind: str, tmp_path: Path) -> None:
    spec = replace(SPEC, kind=kind)
    sheet = opened(spec, tmp_path)[REPORT_SHEET]
    assert [list(row) for row in sheet.iter_rows(values_only=True)] == expected_rows(spec)


def test_a_file_holds_the_request_that_it_answers(tmp_path: Path) -> None:
    text = opened(SPEC, tmp_path)[REQUEST_SHEET]["A1"].value
    assert json.loads(str(text)) == json.loads(SPEC.as_json())


def test_the_same_request_gives_the_same_bytes(tmp_path: Path) -> None:
    assert built(SPEC, tmp_path) == built(replace(SPEC), tmp_path)


def test_a_file_does_not_tell_when_it_was_made(tmp_path: Path) -> None:
    archive = zipfile.ZipFile(io.BytesIO(built(replace(SPEC, padding_bytes=1), tmp_path)))
    assert {member.date_time[0] for member in archive.infolist()} == {1980}
    assert set(re.findall(rb"\d{4}-\d\d-\d\dT[^<]*", archive.read("docProps/core.xml"))) == {b"2026-01-01T00:00:00Z"}


@pytest.mark.parametrize(
    "other",
    [
        replace(SPEC, kind="users"),
        replace(SPEC, project_id="q"),
        replace(SPEC, parameters={}),
        replace(SPEC, window=(WINDOW[0], WINDOW[0])),
        replace(SPEC, rows=25),
        replace(SPEC, padding_bytes=1),
    ],
    ids=["kind", "project", "parameters", "window", "rows", "padding"],
)
def test_another_request_gives_other_bytes(other: ReportSpec, tmp_path: Path) -> None:
    assert built(other, tmp_path) != built(SPEC, tmp_path)
    assert other.digest != SPEC.digest


def test_every_connection_starts_within_the_window() -> None:
    headings, *rows = expected_rows(SPEC)
    column = headings.index("Connection Started")
    moments = [datetime.strptime(str(row[column]), "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC) for row in rows]
    assert all(WINDOW[0] <= moment <= WINDOW[1] for moment in moments)


@pytest.mark.parametrize("kind", EXPORTS)
def test_every_row_names_the_invented_person_or_their_machine(kind: str) -> None:
    _, *rows = expected_rows(replace(SPEC, kind=kind))
    assert all(any(canary in str(cell) for cell in row for canary in CANARIES) for row in rows)
    assert all(any(CANARY_USER in str(cell) for cell in row) for row in rows)


def test_headings_follow_the_language() -> None:
    assert "桌面名称" in expected_rows(replace(SPEC, parameters={"language": "zh_CN"}))[0]


def test_a_report_may_have_no_rows(tmp_path: Path) -> None:
    assert opened(replace(SPEC, rows=0), tmp_path)[REPORT_SHEET].max_row == 1


def test_padding_swells_a_file_that_still_opens(tmp_path: Path) -> None:
    spec = replace(SPEC, padding_bytes=3_000_000)
    content = built(spec, tmp_path)
    assert len(content) > 3_000_000
    assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None
    assert opened(spec, tmp_path)[REPORT_SHEET].max_row == 25


def test_a_shelf_builds_once_and_leaves_nothing_behind() -> None:
    shelf = ReportShelf()
    first = shelf.fetch(SPEC)
    changed_at = first.stat().st_mtime_ns
    assert shelf.fetch(replace(SPEC)).stat().st_mtime_ns == changed_at
    shelf.clear()
    assert not first.parent.exists()
