"""Options for every object that the archive's storage writes: checksum, encryption and tags."""

import unicodedata
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote_plus

Checksum = Literal["CRC64NVME", "none"]
Tags = tuple[tuple[str, str], ...]

_MOST_TAGS = 10
_LONGEST_NAME = 128
_LONGEST_VALUE = 256
_MARKS = frozenset("_.:/=+-@")
_RESERVED = "aws:"


@dataclass(frozen=True, slots=True)
class StoreOptions:
    """Options for writing objects. A folder ignores the checksum, and the other options need S3.

    Attributes:
        checksum: the checksum that S3 compares with the bytes that arrived; `none` for a storage without CRC64NVME.
        kms_key_arn: the KMS key that encrypts; if None, the bucket's own encryption applies.
        tags: names and values.
    """

    checksum: Checksum = "CRC64NVME"
    kms_key_arn: str | None = None
    tags: Tags = ()


DEFAULT_OPTIONS = StoreOptions()


def parse_tags(text: str) -> Tags:
    """Return the tags in a query string such as `team=audit&retention=7y`, by AWS's rules for object tags.

    Raises:
        ValueError: the tags break a rule; the text says which.
    """
    tags = tuple(_tag(piece) for piece in text.split("&"))
    if len(tags) > _MOST_TAGS:
        raise ValueError(f"an object has at most {_MOST_TAGS} tags")
    if len(dict(tags)) < len(tags):
        raise ValueError("two tags have the same name")
    return tags


def _tag(piece: str) -> tuple[str, str]:
    name, equals, value = piece.partition("=")
    name, value = unquote_plus(name), unquote_plus(value)
    if not equals or not 1 <= len(name) <= _LONGEST_NAME or len(value) > _LONGEST_VALUE:
        raise ValueError(
            "must be written as team=audit&retention=7y, "
            f"names of 1 to {_LONGEST_NAME} and values of at most {_LONGEST_VALUE} characters"
        )
    if not all(map(_is_allowed, name + value)):
        raise ValueError("tags may hold letters, digits, spaces and _ . : / = + - @ only")
    if name.lower().startswith(_RESERVED):
        raise ValueError("names that begin with aws: are AWS's own")
    return name, value


def _is_allowed(char: str) -> bool:
    return char in _MARKS or unicodedata.category(char)[0] in "LNZ"
