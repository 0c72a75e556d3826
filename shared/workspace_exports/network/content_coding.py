"""Content codings: the values of Content-Encoding that mean that a body is packed.

Source: RFC 9110, section 8.4, and IANA's registry of content codings.
"""

from collections.abc import Mapping

from workspace_exports.core.redaction import quoted

_REGISTERED = frozenset(
    {
        "aes128gcm",
        "br",
        "compress",
        "dcb",
        "dcz",
        "deflate",
        "exi",
        "gzip",
        "pack200-gzip",
        "x-compress",
        "x-gzip",
        "zstd",
    }
)
_IN_USE = frozenset({"brotli", "bzip2", "lz4", "lzma", "sdch", "snappy", "xz"})
"""Codings that are not registered but are in use."""
_PRIVATE = "x-"


def content_coding(headers: Mapping[str, str]) -> str | None:
    """Return the answer's Content-Encoding, quoted and shortened, if it names a real coding; else None.

    Servers also send values that are no coding: `identity`, `none`, `UTF-8`, `binary`. Such a body is not packed.

    Args:
        headers: the answer's headers by names in lower case, with several lines joined by commas, as httpx does.
    """
    value = headers.get("content-encoding", "")
    return quoted(value) if any(map(_is_coding, value.split(","))) else None


def _is_coding(item: str) -> bool:
    name = item.partition(";")[0].strip(" \t\"'").lower()
    return name in _REGISTERED or name in _IN_USE or name.startswith(_PRIVATE)
