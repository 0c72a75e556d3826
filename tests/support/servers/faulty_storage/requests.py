"""What passed, for tests to read."""

from dataclasses import dataclass, field

from local.faults.ledger import Received


@dataclass(frozen=True, kw_only=True)
class Passed(Received):
    """One request to the storage.

    Attributes:
        path: With the query, byte for byte.
        headers: Names in lower case; not shown, since they hold the signature.
    """

    path: str
    headers: dict[str, str] = field(repr=False)
