"""Texts that are no export, that pass for another encoding, or that hurt whoever reads them line by line."""

import json

from tests.support.hostile.corpus import CORPUS, OTHER, TEXT, WORKBOOK, HostileFile, Refused, lands, refused
from tests.support.hostile.zips import FORMULAS, MIB

_ERROR = json.dumps({"error_code": "WKS.00211401", "error_msg": "Internal error"})
_PAGE = "<html><body>Sign in</body></html>"
_CHINESE = "用户,地址\r\n张三,10.0.0.1\r\n"
_LONG_BLANK = " " * 5000


# Nothing, and next to nothing


CORPUS.extend(
    HostileFile("nothing", file_name, Refused("without any bytes"), bytes) for file_name in (WORKBOOK, TEXT, OTHER)
)


@refused("no workbook")
@lands("csv", TEXT)
@lands("unknown", OTHER)
def one_byte() -> bytes:
    return b"P"


@refused("no workbook")
@lands("csv", TEXT)
@lands("unknown", OTHER)
def one_zero_byte() -> bytes:
    return b"\x00"


@refused("no workbook")
@lands("csv", TEXT)
def blanks_alone() -> bytes:
    return _LONG_BLANK.encode()


# What is said instead of a file


_INSTEAD = {
    "plain": ("", "utf-8"),
    "behind-white-space": (" \r\n\t", "utf-8"),
    "behind-more-white-space-than-the-check-reads": (_LONG_BLANK, "utf-8"),
    "behind-a-bom": ("\ufeff", "utf-8"),
    "behind-a-bom-and-a-line": ("\ufeff\r\n", "utf-8"),
    "in-utf-16": ("", "utf-16"),
    "in-utf-16-be-behind-a-bom": ("\ufeff", "utf-16-be"),
    "in-utf-16-be-without": ("", "utf-16-be"),
    "behind-zeros": ("\x00" * 700, "utf-8"),
}


def _instead(trick: str, content: bytes, says: str, file_name: str) -> HostileFile:
    return HostileFile(trick, file_name, Refused(says), lambda: content)


CORPUS.extend(
    _instead(f"{thing}-{how}", (before + what).encode(encoding), says, file_name)
    for thing, what, says in (("error", _ERROR, "JSON came"), ("page", _PAGE, "web page"))
    for how, (before, encoding) in _INSTEAD.items()
    for file_name in (WORKBOOK, TEXT, OTHER)
)


@refused("web page", WORKBOOK, TEXT, OTHER)
def storage_error() -> bytes:
    return b'<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>'


@refused("web page", TEXT)
def first_cell_that_is_a_tag() -> bytes:
    return b"<user>,ip\r\nanna,10.0.0.1\r\n"


@refused("text of an error", WORKBOOK, TEXT, OTHER)
def error_in_plain_words() -> bytes:
    """One line of several words, without a separator."""
    return b"Internal Server Error"


@refused("JSON list", WORKBOOK, TEXT, OTHER)
def list_of_errors() -> bytes:
    return f"[{_ERROR}]".encode()


@lands("csv", TEXT)
def first_cell_in_brackets() -> bytes:
    return b"[user],[ip]\r\nanna,10.0.0.1\r\n"


# Text that is an export, and not nice


@lands("csv", TEXT)
@refused("no workbook")
def cells_that_are_formulas_in_a_csv() -> bytes:
    return "".join(f'"{cell.replace(chr(34), chr(34) * 2)}",x\r\n' for cell in FORMULAS).encode()


@lands("csv", TEXT)
def lone_quote() -> bytes:
    """A reader of csv takes all that follows for one cell."""
    return b'user,ip\r\n"anna,10.0.0.1\r\n' + b"bert,10.0.0.2\r\n" * 10_000


@lands("csv", TEXT)
def one_line_of_four_mebibytes() -> bytes:
    return b"x," * (2 * MIB)


@lands("csv", TEXT)
def cells_without_end() -> bytes:
    return b'"' + b'""' * MIB


@lands("csv", TEXT)
def zeros_in_cells() -> bytes:
    return b"user,ip\r\nan\x00na,10.0.0.1\r\n\x00\x00\x00"


@lands("csv", TEXT)
def controls_in_cells() -> bytes:
    return "user\x1b[2J,\u202eip\x07,\u2028\x85\r\n".encode()


@lands("csv", TEXT)
def utf_8_with_a_bom() -> bytes:
    return _CHINESE.encode("utf-8-sig")


@lands("csv", TEXT)
def two_boms() -> bytes:
    return ("\ufeff" + _CHINESE).encode("utf-8-sig")


@lands("csv", TEXT)
def utf_16_with_a_bom() -> bytes:
    return _CHINESE.encode("utf-16")


@lands("csv", TEXT)
def utf_16_without_a_bom() -> bytes:
    """Of ASCII alone, it is ASCII and zeros to whoever is not told."""
    return b"user,ip\r\n".decode().encode("utf-16-le")


@lands("csv", TEXT)
def gb_18030() -> bytes:
    return _CHINESE.encode("gb18030")


@lands("unknown", TEXT)
def latin_1() -> bytes:
    return b"Caf\xe9\n"


@lands("unknown", TEXT)
def every_byte() -> bytes:
    return bytes(range(256))


@lands("csv", TEXT)
def slashes_in_overlong_utf_8() -> bytes:
    """No UTF-8, but a character of GB18030."""
    return b"..\xc0\xaf..\xc0\xaf\r\n"


@lands("unknown", TEXT)
def cut_in_a_character() -> bytes:
    """As long as announced, hence not cut on its way: it may be in an encoding that is not tried."""
    return _CHINESE.encode() + "三".encode()[:-1]


@lands("unknown", TEXT)
def utf_16_cut_in_a_character() -> bytes:
    return _CHINESE.encode("utf-16")[:-1]
