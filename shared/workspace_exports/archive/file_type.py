"""Types of files that are no export, by their first bytes."""

import re

_ZIP_WITHOUT_ENTRIES = b"PK\x05\x06"
_TYPES = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an OLE compound file (an encrypted workbook, or an .xls)"),
    (b"\x1f\x8b", "a gzip file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ\x00", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a zstd file"),
    (_ZIP_WITHOUT_ENTRIES, "a zip without entries"),
    (b"PK\x07\x08", "a part of a split zip"),
    (b"%PDF-", "a PDF document"),
    (b"{\\rtf", "an RTF document"),
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a Linux program"),
    (b"#!", "a script"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"PAR1", "a Parquet file"),
    (b"\xff\xfe", "plain text (UTF-16)"),
    (b"\xfe\xff", "plain text (UTF-16)"),
)
_NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_SHOWN_BYTES = 4


def file_type(head: bytes, text: str) -> str:
    """Return the type of a file that is no zip, in words that are equal for any two files of one type.

    Args:
        head: the file's first bytes.
        text: the file's first letters, one per byte; of no effect for UTF-16 with a byte order mark.
    """
    for magic, name in _TYPES:
        if head.startswith(magic):
            return name
    if not _NO_TEXT.search(text):
        return "plain text"
    return f"of no type known here, beginning with the bytes {head[:_SHOWN_BYTES].hex(' ')}"
