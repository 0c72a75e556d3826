"""The promise that AWS makes and a bucket on loopback keeps: it lists in the order of keys."""

from contextlib import AbstractContextManager
from unittest.mock import patch

from workspace_exports.storage import s3

_LOOPBACK = "127.0.0.1"


def in_order() -> AbstractContextManager[object]:
    """Lets stores that are opened meanwhile take this machine for AWS, as to the order of a listing."""
    return patch.object(s3, "IN_ORDER", (*s3.IN_ORDER, _LOOPBACK))
