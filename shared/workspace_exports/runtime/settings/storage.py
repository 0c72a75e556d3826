"""Settings of the archive: its place, and the storage's options for every object."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from workspace_exports.runtime.settings.base import Settings
from workspace_exports.storage.options import Checksum, StoreOptions, Tags, parse_tags
from workspace_exports.storage.store import Store, open_store


class ArchiveSettings(Settings):
    """Settings of the archive: its place, and the storage's options for every object."""

    archive_url: str = Field(alias="ARCHIVE_URL", description="the archive, `s3://bucket/prefix` or `file:///path`")
    checksum: Checksum = Field(
        default="CRC64NVME",
        alias="ARCHIVE_CHECKSUM",
        description="the checksum of every upload; `none` for a storage that does not support it",
    )
    kms_key_arn: str | None = Field(
        default=None,
        alias="ARCHIVE_KMS_KEY_ARN",
        description="the KMS key that encrypts the archive; without it, the bucket's own encryption applies",
        pattern=r"^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[\w-]+$",
    )
    tags: Annotated[Tags, BeforeValidator(parse_tags)] = Field(
        default=(), alias="ARCHIVE_TAGS", description="the tags of every object, `team=audit&retention=7y`"
    )

    def open_archive(self) -> Store:
        """Return the archive's storage.

        Raises:
            Misconfigured: this kind of storage cannot be written to, or does not support the options.
        """
        return open_store(self.archive_url, StoreOptions(self.checksum, self.kms_key_arn, self.tags))
