"""Where credentials may come from. Each reads when asked, and imports only then what it takes to read."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from workspace_exports.client.credentials.identities import AccessKey, Credentials, advising
from workspace_exports.core.errors import Misconfigured


class CredentialProvider(Protocol):
    """A place with credentials; equal places are one."""

    def read(self) -> Credentials:
        """The credentials that are there now.

        Raises:
            Misconfigured: nothing that could be credentials.
            Throttled, VendorUnavailable: the place cannot be reached now.
        """
        ...

    def __hash__(self) -> int: ...


@dataclass(frozen=True, slots=True)
class EnvironmentProvider:
    """The key stood in the environment."""

    key: AccessKey

    def read(self) -> Credentials:
        """The key, always the same."""
        return Credentials(self.key)


@dataclass(frozen=True, slots=True)
class SecretProvider:
    """A secret in AWS Secrets Manager, read with the AWS SDK's own variables."""

    arn: str

    def read(self) -> Credentials:
        """One call to AWS."""
        from workspace_exports.aws.secrets import read_secret  # noqa: PLC0415 - only where there is a secret
        from workspace_exports.client.credentials.secret import parse_secret  # noqa: PLC0415

        text = read_secret(self.arn, os.environ)
        with advising(f"Mend the secret {self.arn}; docs/credentials.md shows what it may hold."):
            return parse_secret(text)


@dataclass(frozen=True, slots=True)
class ProfileProvider:
    """The official SDK's profile file, for runs on a machine of one's own."""

    file: Path

    def read(self) -> Credentials:
        """One file read."""
        from workspace_exports.client.credentials.profile import read_profile  # noqa: PLC0415 - never on Lambda

        return read_profile(self.file)


@dataclass(frozen=True, slots=True)
class NoCredentials:
    """No credentials at all, which matters only once they are needed."""

    why: str

    def read(self) -> Credentials:
        """Always raises."""
        raise Misconfigured(self.why)
