"""Certificates that are trusted instead of the usual ones: those of a company whose proxy inspects TLS."""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from workspace_exports.core.errors import Misconfigured
from workspace_exports.network.variables import value_of

VENDOR = ("SSL_CERT_FILE", "SSL_CERT_DIR")
"""Variables for calls to the vendor; the first that is set counts."""
AWS = ("AWS_CA_BUNDLE", *VENDOR)
"""Variables for calls to AWS and to the archive's storage; the first that is set counts."""

_FOLDERS = "SSL_CERT_DIR"
_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----")
_ADVICE = "Set it to {kind} with certificates in PEM that this user may read, or unset it."

Chosen = tuple[str, str]
"""Variable and its value."""


def chosen(environment: Mapping[str, str], names: tuple[str, ...]) -> Chosen | None:
    """Return the first of these variables that is set; None if none is, so that the usual certificates are trusted."""
    return next(((name, value) for name in names if (value := value_of(environment, name))), None)


def read_certificates(name: str, value: str) -> str:
    """Return the certificates in the variable's file or folders, one after the other in PEM.

    Other content of the files is left out.

    Raises:
        Misconfigured: there are no certificates, or they cannot be read; the text has the variable's name, never its
            value.
    """
    try:
        found = dict.fromkeys(one for file in _files(name, value) for one in _CERTIFICATE.findall(file.read_bytes()))
    except OSError as error:
        raise _fault(name, f"cannot be read ({error.strerror or type(error).__name__})") from None
    if not found:
        raise _fault(name, "holds no certificate in PEM")
    certificates = b"\n".join(found).decode("ascii")
    _check(name, certificates)
    return certificates


def _files(name: str, value: str) -> Iterator[Path]:
    if name != _FOLDERS:
        yield Path(value)
        return
    for folder in value.split(os.pathsep):
        yield from sorted(file for file in Path(folder).iterdir() if file.is_file() and os.access(file, os.R_OK))


def _check(name: str, certificates: str) -> None:
    from ssl import PROTOCOL_TLS_CLIENT, SSLContext, SSLError  # noqa: PLC0415 - needed only if there are certificates to check

    try:
        SSLContext(PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=certificates)
    except SSLError:
        raise _fault(name, "holds a certificate that cannot be read") from None


def _fault(name: str, what: str) -> Misconfigured:
    return Misconfigured(f"{name}: {what}", advice=_ADVICE.format(kind="folders" if name == _FOLDERS else "a file"))
