"""Providers of credentials. Each one reads only on request, and only then imports the modules that it needs."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from workspace_exports.client.credentials.identities import AccessKey, Credentials, advising
from workspace_exports.core.errors import Misconfigured


class CredentialProvider(Protocol):
    """Place that holds credentials; equal places count as one."""

    def read(self) -> Credentials:
        """Return the credentials that the place holds now.

        Raises:
            Misconfigured: the place holds no usable credentials.
            Throttled, VendorUnavailable: the place cannot be reached now.
        """
        ...

    def __hash__(self) -> int: ...


@dataclass(frozen=True, slots=True)
class EnvironmentProvider:
    """Provider of a key that stood in the environment."""

    key: AccessKey

    def read(self) -> Credentials:
        """Return the key, which is always the same."""
        return Credentials(self.key)


@dataclass(frozen=True, slots=True)
class SecretProvider:
    """Secret in AWS Secrets Manager, read with the AWS SDK's own variables."""

    arn: str

    def read(self) -> Credentials:
        """Return the credentials in the secret, with one call to AWS."""
        from workspace_exports.aws.secrets import read_secret  # noqa: PLC0415 - only where there is a secret
        from workspace_exports.client.credentials.secret import parse_secret  # noqa: PLC0415

        text = read_secret(self.arn, os.environ)
        with advising(f"Fix the secret {self.arn}; docs/credentials.md shows what it may hold."):
            return parse_secret(text)


@dataclass(frozen=True, slots=True)
class ProfileProvider:
    """Profile file of the official SDK, for runs on a local machine."""

    file: Path

    def read(self) -> Credentials:
        """Return the credentials in the file, with one read of it."""
        from workspace_exports.client.credentials.profile import read_profile  # noqa: PLC0415 - never on Lambda

        return read_profile(self.file)


@dataclass(frozen=True, slots=True)
class NoCredentials:
    """Absence of credentials, which matters only once they are needed."""

    why: str

    def read(self) -> Credentials:
        """Raise `Misconfigured` in all cases."""
        raise Misconfigured(self.why)
