"""Genuine .xlsx files, made from nothing but the request.

The same request gives the same bytes, today and tomorrow, so that a test may compare digests; a second sheet holds the
request, so that a test can tell the right file from a wrong one.
"""

import hashlib
import json
import random
import threading
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import xlsxwriter

from local.standin.columns import COLUMNS, Cell, Column, Generation
from local.standin.company import Person, Row, working_moments
from local.standin.parameters import Value

REPORT_SHEET = "Report"
REQUEST_SHEET = "Request"

_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
_NO_WINDOW = (_EPOCH, _EPOCH + timedelta(days=1))
_PADDING_PART = "xl/padding.xml"
_PADDING_CHUNK = 1 << 20
_FILLERS = (b".", b",", b":", b";")
_PEOPLE, _STRIDE = 64, 7
"""How many people there are for a short report, and how far apart those of neighbouring rows are."""


@dataclass(frozen=True, kw_only=True)
class ReportSpec:
    """Everything a report depends on; ``padding_bytes`` swells the file without slowing what opens it.

    A ``revision`` shows in the padding alone, so that two files of one length may differ. ``moments`` are the times of
    the rows, in order; None spreads ``rows`` of them over the window. With ``canaries`` every row names an invented
    person by whom a leak is found.
    """

    kind: str
    project_id: str
    parameters: Mapping[str, Value]
    window: tuple[datetime, datetime] | None = None
    rows: int = 24
    padding_bytes: int = 0
    revision: int = 0
    generation: Generation = "2026"
    canaries: bool = False
    moments: tuple[datetime, ...] | None = None

    def revised(self, *, longer_by: int) -> "ReportSpec":
        """Describe another file for the same request; raises ValueError where there is no padding to tell them by."""
        padding_bytes = self.padding_bytes + longer_by
        if padding_bytes < 1:
            raise ValueError("only a report with padding can be replaced")
        return replace(self, padding_bytes=padding_bytes, revision=(self.revision + 1) % len(_FILLERS))

    def as_json(self) -> str:
        """Answer the text found in the first cell of the request sheet."""
        window = [bound.isoformat() for bound in self.window] if self.window else None
        content = {"kind": self.kind, "project_id": self.project_id, "parameters": dict(self.parameters)}
        sizes = {"rows": self.rows, "padding_bytes": self.padding_bytes}
        shape = {"generation": self.generation, "canaries": self.canaries}
        moments = {"moments": [moment.isoformat() for moment in self.moments]} if self.moments is not None else {}
        return json.dumps(
            {**content, "window": window, **sizes, **shape, **moments}, sort_keys=True, ensure_ascii=False
        )

    @property
    def digest(self) -> str:
        """A name for the content, as good as a digest of the bytes and cheaper."""
        return hashlib.sha256(f"{self.as_json()}{self.revision or ''}".encode()).hexdigest()


def expected_rows(spec: ReportSpec) -> list[list[Cell]]:
    """Answer the report sheet as it must read back: one row of headings, then the rows."""
    return [_headings(spec), *_rows(spec)]


def _headings(spec: ReportSpec) -> list[Cell]:
    return [heading for heading, _ in _columns(spec)]


def _columns(spec: ReportSpec) -> list[tuple[str, Column]]:
    chinese = spec.parameters.get("language") == "zh_CN"
    headed = ((column.heading(spec.generation, chinese=chinese), column) for column in COLUMNS[spec.kind])
    return [(heading, column) for heading, column in headed if heading is not None]


def _rows(spec: ReportSpec) -> Iterator[list[Cell]]:
    chance = random.Random(replace(spec, revision=0).digest)  # noqa: S311 - the rows must be repeatable, not secret
    start, end = spec.window or _NO_WINDOW
    moments = working_moments(chance, start, end, spec.rows) if spec.moments is None else spec.moments
    first, columns = chance.randrange(_PEOPLE), _columns(spec)
    people = max(_PEOPLE, len(moments))
    for number, moment in enumerate(moments):
        row = Row(
            number=number,
            moment=moment,
            chance=chance,
            person=Person(number if spec.canaries else (first + number * _STRIDE) % people, spec.canaries),
            window_end=end,
            is_last=number == len(moments) - 1,
            generation=spec.generation,
        )
        yield [column.cell(row) for _, column in columns]


def build(spec: ReportSpec, path: Path) -> None:
    """Write the file, in memory that does not grow with it."""
    with xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_formulas": False}) as book:
        book.set_properties({"created": _EPOCH.replace(tzinfo=None)})
        _write_sheet(book.add_worksheet(REPORT_SHEET), _headings(spec), _rows(spec))
        book.add_worksheet(REQUEST_SHEET).write_string(0, 0, spec.as_json())
    if spec.padding_bytes:
        _pad(path, spec.padding_bytes, _FILLERS[spec.revision])


def _write_sheet(sheet: Any, headings: list[Cell], rows: Iterator[list[Cell]]) -> None:  # noqa: ANN401 - untyped library
    sheet.write_row(0, 0, headings)
    for number, row in enumerate(rows, start=1):
        sheet.write_row(number, 0, row)


def _pad(path: Path, size: int, filler: bytes) -> None:
    """Append an uncompressed part that no sheet refers to; spreadsheet programs pass it over."""
    info = zipfile.ZipInfo(_PADDING_PART, (1980, 1, 1, 0, 0, 0))
    with zipfile.ZipFile(path, "a") as archive, archive.open(info, "w", force_zip64=True) as part:
        part.write(b"<padding>")
        for written in range(0, size, _PADDING_CHUNK):
            part.write(filler * min(_PADDING_CHUNK, size - written))
        part.write(b"</padding>")


@dataclass
class ReportShelf:
    """Built reports, on disk, each built once however many tasks ask for it."""

    _directory: TemporaryDirectory[str] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def fetch(self, spec: ReportSpec) -> Path:
        """Answer the finished file; the first call for a request builds it and may take a while."""
        with self._lock:
            if self._directory is None:
                self._directory = TemporaryDirectory(prefix="vendor-stand-in-")
            path = Path(self._directory.name, f"{spec.digest}.xlsx")
            if not path.exists():
                build(spec, path)
            return path

    def clear(self) -> None:
        """Remove every file."""
        with self._lock:
            if self._directory is not None:
                self._directory.cleanup()
                self._directory = None
