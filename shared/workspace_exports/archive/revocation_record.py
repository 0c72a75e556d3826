"""What is kept of a manifest that an operator has taken back."""

import hashlib
from typing import Literal

from pydantic import Field

from workspace_exports.archive.manifest_record import Manifest
from workspace_exports.core.contract import Record, UtcTime


class Revocation(Record):
    """Written once, before the manifest goes; never changed.

    Attributes:
        manifest_key: where the manifest stood.
        manifest: all of it, character for character.
        sha256: of the manifest in UTF-8, in hex.
        why: the operator's reason.
    """

    schema_version: Literal[1] = 1
    manifest_key: str
    manifest: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    why: str
    revoked_at: UtcTime

    @property
    def content(self) -> bytes:
        """The manifest as it stood.

        Raises:
            ValueError: it has been changed since.
        """
        content = self.manifest.encode()
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise ValueError("the manifest in it is not the one whose digest it names")
        return content

    @property
    def parsed(self) -> Manifest:
        """The manifest.

        Raises:
            ValueError: it has been changed since, or is none.
        """
        return Manifest.read(self.content)
