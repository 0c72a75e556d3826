"""What the vendor sends as the file: the inspection, in any chunks, under any name."""

import io
import random
import zipfile
import zlib
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from tests.support.hostile import CORPUS
from workspace_exports.archive.file_checks import Inspection
from workspace_exports.core.errors import BadFile

EXTENSIONS = (".xlsx", ".csv", ".bin")
_LARGEST_SEED_BYTES = 20_000
_MOST_UNPACKED_BYTES = 1024 * 1024
_END_BYTES = 22
_FURTHER = 0xFFFFFFFF


class _Verdict(NamedTuple):
    refused: str | None
    format: str
    sha256: str
    size_bytes: int


def check(content: bytes, inspection: type[Inspection] = Inspection) -> None:
    """The verdict is a documented one, the same however the file comes, and no sound zip is refused."""
    draw = random.Random(zlib.crc32(content))  # noqa: S311 - the same chunks for the same file
    for extension in EXTENSIONS:
        verdict = _verdict(inspection, extension, [content])
        assert verdict == _verdict(inspection, extension, _chunks(content, draw)), "the chunks decide"
        if verdict.refused is None:
            _check_what_lands(content, extension, verdict, inspection)
        else:
            assert verdict.refused.isprintable()
            assert not _is_sound_zip(content), verdict.refused


def seeds() -> Iterator[bytes]:
    """The hostile files that are small."""
    return (content for file in CORPUS if len(content := file.make()) <= _LARGEST_SEED_BYTES)


def _verdict(inspection: type[Inspection], extension: str, chunks: list[bytes]) -> _Verdict:
    content = b"".join(chunks)
    seen = inspection(len(content), extension)
    try:
        passed = b"".join(seen.watch(chunks))
    except BadFile as error:
        return _Verdict(error.what, "", "", 0)
    assert passed == content
    return _Verdict(None, seen.format, seen.sha256, seen.size_bytes)


def _chunks(content: bytes, draw: random.Random) -> list[bytes]:
    places = sorted(draw.choices(range(len(content) + 1), k=draw.randint(0, 20)))
    edges = [0, *places, len(content)]
    return [content[at:to] for at, to in pairwise(edges)]


def _check_what_lands(content: bytes, extension: str, verdict: _Verdict, inspection: type[Inspection]) -> None:
    assert verdict.size_bytes == len(content)
    assert _first_letter(content) not in {"<", "{"}, "a page or an error has landed"
    if content.startswith(b"PK\x03\x04"):
        assert verdict.format in {"xlsx", "zip"}
        assert _verdict(inspection, extension, [content[:-1]]).refused, "a cut zip has landed"
        assert _verdict(inspection, extension, [content + b"\n"]).refused, "a zip with bytes after it has landed"
        return
    assert extension != ".xlsx" or not content, "no zip has landed as a workbook"
    assert verdict.format in ({"csv", "unknown"} if extension == ".csv" else {"unknown"})


def _first_letter(content: bytes) -> str:
    encoding = "utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "latin-1"
    return content.decode(encoding, "ignore").lstrip("\ufeff\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:1]


def _is_sound_zip(content: bytes) -> bool:
    """Whether Python's own reader finds nothing wrong with it, nor anything that docs/hostile-files.md says of it."""
    if not content.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            unpacked = sum(entry.file_size for entry in entries)
            at = content.rfind(b"PK\x05\x06")
            end = content[at : at + _END_BYTES]
            told = int.from_bytes(end[10:12], "little")
            return (
                unpacked <= _MOST_UNPACKED_BYTES
                and archive.testzip() is None
                and len(end) == _END_BYTES
                and at + _END_BYTES + int.from_bytes(end[20:22], "little") == len(content)
                and int.from_bytes(end[16:20], "little") in {archive.start_dir, _FURTHER}
                and told in {len(entries), 0xFFFF}
            )
    except Exception:  # noqa: BLE001 - any reason at all not to open is one to refuse
        return False
