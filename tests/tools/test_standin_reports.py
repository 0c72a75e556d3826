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

from local.standin.columns import Generation
from local.standin.company import CANARIES, CANARY_USER, FAILURES
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
        replace(SPEC, generation="2024"),
        replace(SPEC, canaries=True),
        replace(SPEC, moments=(WINDOW[0],)),
    ],
    ids=["kind", "project", "parameters", "window", "rows", "padding", "generation", "canaries", "moments"],
)
def test_another_request_gives_other_bytes(other: ReportSpec, tmp_path: Path) -> None:
    assert built(other, tmp_path) != built(SPEC, tmp_path)
    assert other.digest != SPEC.digest


def column(spec: ReportSpec, heading: str) -> list[str]:
    headings, *rows = expected_rows(spec)
    return [str(row[headings.index(heading)]) for row in rows]


def moment(cell: str) -> datetime:
    return datetime.strptime(cell, "%Y-%m-%d %H:%M:%S.%f").replace(tzinfo=UTC)


class TestADayOfACompany:
    """What makes a demo look like one: it can be told from noise."""

    def test_every_connection_starts_within_the_window_and_to_the_millisecond(self) -> None:
        moments = [moment(cell) for cell in column(SPEC, "Connection Started")]
        assert moments == sorted(moments)
        assert all(WINDOW[0] <= one <= WINDOW[1] for one in moments)
        assert len({one.microsecond for one in moments}) > 12

    def test_most_of_it_happens_in_working_hours(self) -> None:
        hours = [moment(cell).hour for cell in column(replace(SPEC, rows=400), "Connection Started")]
        assert sum(7 <= hour < 19 for hour in hours) > 320

    def test_people_have_one_machine_each_and_work_in_several_places(self) -> None:
        machines = {*zip(column(SPEC, "Connected User"), column(SPEC, "Terminal MAC Address"), strict=True)}
        assert len({user for user, _ in machines}) == len(machines) == 24
        assert len(set(column(SPEC, "Client Egress IP Address"))) > 6

    @pytest.mark.parametrize("kind", ["app-user-logins", "app-usage", "app-sessions", "app-user-access"])
    def test_a_failure_has_its_code_and_its_words(self, kind: str) -> None:
        spec = replace(SPEC, kind=kind, rows=60)
        names = ("Error Code", "Error Message") if kind == "app-user-access" else ("Failure Code", "Failure Cause")
        found = {*zip(column(spec, names[0]), column(spec, names[1]), strict=True)}
        assert found == {("--", "--"), *((failure.code, failure.words) for failure in FAILURES)}

    def test_what_failed_was_never_established_and_has_no_end(self) -> None:
        names = ("Connection Established", "Connection Ended", "Average Latency")
        for reason, *rest in zip(column(SPEC, "Connection Details"), *(column(SPEC, n) for n in names), strict=True):
            assert ([cell == "--" for cell in rest] == [True] * 3) is (reason != "--")

    def test_somebody_works_past_midnight(self) -> None:
        ended = [moment(cell) for cell in column(SPEC, "Connection Ended") if cell != "--"]
        assert [one > WINDOW[1] for one in ended].count(True) >= 1

    def test_nobody_in_it_is_the_one_that_tests_look_for(self) -> None:
        assert not any(
            canary in str(expected_rows(replace(SPEC, kind=kind))) for kind in EXPORTS for canary in CANARIES
        )


HEADINGS = {
    ("2024", "en_US"): (
        "Desktop Name, Login User, Terminal IP, Terminal OS Type, Desktop IP",
        "Started, Ended, Failure Cause",
    ),
    ("2024", "zh_CN"): ("桌面名称, 登录用户, 终端IP, 终端系统类型, 桌面IP", "开始连接时间, 结束连接时间, 连接失败原因"),
    ("2026", "en_US"): (
        "Desktop Name, Connected User, Terminal IP Address, Terminal OS Type, Desktop IP Address",
        "Client Egress IP Address, Connection Started, Connection Ended, Average Latency, Connection Details",
        "Terminal MAC Address, Terminal Name, AccessClient Version, AccessAgent Version, Connection Established",
        "Reconnection, Enterprise Project",
    ),
    ("2026", "zh_CN"): (
        "桌面名称, 连接用户, 终端IP, 终端系统类型, 桌面IP",
        "客户端出口IP, 开始连接时间, 结束连接时间, 平均时延(ms), 连接详细描述",
        "终端MAC地址, 终端名称, AccessClient版本, AccessAgent版本, 建立连接时间",
        "是否重连, 企业项目",
    ),
}


@pytest.mark.parametrize(("generation", "language"), HEADINGS)
def test_headings_of_connection_records_are_those_of_the_console_guide(generation: Generation, language: str) -> None:
    spec = replace(SPEC, generation=generation, parameters={"language": language})
    assert expected_rows(spec)[0] == ", ".join(HEADINGS[generation, language]).split(", ")


def test_a_unit_changes_with_its_heading() -> None:
    usage = replace(SPEC, kind="desktop-usage")
    assert max(map(int, column(replace(usage, generation="2024"), "Usage Duration (h)"))) <= 8
    assert max(map(int, column(usage, "Usage Duration"))) > 3600


@pytest.mark.parametrize("kind", EXPORTS)
def test_every_row_names_the_invented_person_where_a_test_asks_for_it(kind: str) -> None:
    _, *rows = expected_rows(replace(SPEC, kind=kind, canaries=True))
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
