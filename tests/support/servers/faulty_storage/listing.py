"""A listing that does not know the last writes yet."""

import re
import threading
from collections.abc import Collection
from html import unescape
from urllib.parse import unquote

_ENTRY = re.compile(rb"<(Contents|CommonPrefixes)>.*?</\1>", re.DOTALL)
_NAME = re.compile(rb"<(?:Key|Prefix)>(.*?)</(?:Key|Prefix)>", re.DOTALL)
_COUNT = re.compile(rb"<KeyCount>\d+</KeyCount>")
_ENCODED = b"<EncodingType>url</EncodingType>"


class Written:
    """The keys that were written, the last one last; paths where the host does not name the bucket."""

    def __init__(self) -> None:
        self._keys: dict[str, None] = {}
        self._lock = threading.Lock()

    def add(self, path: str) -> None:
        """Note a write to that path, without query; one over another is the later one."""
        key = unquote(path.removeprefix("/"))
        with self._lock:
            self._keys.pop(key, None)
            self._keys[key] = None

    def last(self, count: int | None) -> frozenset[str]:
        """Answer the last keys, all for None."""
        with self._lock:
            keys = list(self._keys)
        return frozenset(keys if count is None else keys[len(keys) - min(count, len(keys)) :])


def without(listing: bytes, unseen: Collection[str], bucket: str) -> bytes:
    """Take the keys, and the folders that hold nothing else that is known of, out of a listing in XML.

    Args:
        listing: S3's answer.
        unseen: Keys, with the bucket before them.
        bucket: What is before the keys in the path, with its slash; empty where the host names the bucket.
    """
    is_encoded = _ENCODED in listing

    def kept(entry: "re.Match[bytes]") -> bytes:
        name = _NAME.search(entry[0])
        text = unescape(name[1].decode()) if name else ""
        place = bucket + (unquote(text) if is_encoded else text)
        is_unseen = place in unseen or (place.endswith("/") and any(key.startswith(place) for key in unseen))
        return b"" if is_unseen else entry[0]

    short = _ENTRY.sub(kept, listing)
    return _COUNT.sub(b"<KeyCount>%d</KeyCount>" % len(_ENTRY.findall(short)), short)
