"""What a storage can be asked, by S3's own names, told from verb, query and headers."""

from collections.abc import Mapping
from urllib.parse import parse_qs

OPERATIONS = (
    "put",
    "create",
    "get",
    "head",
    "list",
    "delete",
    "create-multipart",
    "upload-part",
    "complete-multipart",
    "abort-multipart",
    "list-multipart",
    "other",
)
"""`create` is a PUT that may not replace; `other` is what concerns buckets, tags, copies and the like."""

READS = frozenset({"get", "head", "list", "list-multipart"})
WRITES = frozenset({"put", "create", "complete-multipart"})
"""What makes an object appear."""

_OBJECTS = {"PUT": "put", "GET": "get", "HEAD": "head", "DELETE": "delete"}
_UPLOADS = {
    "PUT": "upload-part",
    "POST": "complete-multipart",
    "DELETE": "abort-multipart",
    "GET": "list-multipart",
}
_LISTED = frozenset({"list-type", "prefix", "delimiter", "marker"})
_READ_BY_LINK = "x-id"
"""The AWS SDK's own name for the call, in a query."""


def operation_of(method: str, query: str, headers: Mapping[str, str]) -> str:
    """Tell the operation.

    Args:
        method: The verb.
        query: As it came, without the question mark.
        headers: Names in lower case.
    """
    asked = parse_qs(query, keep_blank_values=True).keys()
    if "uploadId" in asked or "uploads" in asked:
        return _of_upload(method, begins="uploads" in asked)
    if method == "GET" and asked & _LISTED:
        return "list"
    if any(not name.lower().startswith("x-amz-") and name != _READ_BY_LINK for name in asked):
        return "other"
    if method == "PUT" and "x-amz-copy-source" in headers:
        return "other"
    if method == "PUT" and "if-none-match" in headers:
        return "create"
    return _OBJECTS.get(method, "other")


def _of_upload(method: str, *, begins: bool) -> str:
    if begins:
        return "create-multipart" if method == "POST" else "list-multipart"
    return _UPLOADS.get(method, "other")
