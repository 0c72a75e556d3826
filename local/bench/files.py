"""A genuine workbook of any size, as incompressible as a real one."""

import random
import zipfile
from pathlib import Path

from local.standin.accounts import DEMO_PROJECT_ID
from local.standin.reports import ReportSpec, build

_PART = "xl/media/image1.png"
_BLOCK_BYTES = 1 << 20


def write_workbook(path: Path, size_bytes: int) -> None:
    """A workbook of at least that many bytes, the same ones each time."""
    build(ReportSpec(kind="connection-records", project_id=DEMO_PROJECT_ID, parameters={}), path)
    block = random.Random(size_bytes).randbytes(_BLOCK_BYTES)  # noqa: S311 - the same each time, not secret
    entry = zipfile.ZipInfo(_PART, (1980, 1, 1, 0, 0, 0))
    with zipfile.ZipFile(path, "a") as archive, archive.open(entry, "w", force_zip64=True) as part:
        for written in range(0, size_bytes, _BLOCK_BYTES):
            part.write(block[: size_bytes - written])
