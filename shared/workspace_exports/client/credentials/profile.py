"""Profile file of the official SDK: an INI file whose section [basic] holds ak, sk and optional values."""

from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Mapping
from configparser import ConfigParser, Error
from pathlib import Path

from workspace_exports.client.credentials.identities import AccessKey, Credentials, advising
from workspace_exports.core.errors import Misconfigured

VARIABLE = "HUAWEICLOUD_SDK_CREDENTIALS_FILE"
_SECTION = "basic"
_ADVICE = "Write ak and sk into a section [basic] of that file, or set HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK."
_MARKED = {BOM_UTF16_LE: "utf-16", BOM_UTF16_BE: "utf-16"}
"""Encodings by byte order mark.

Windows writes such a mark in front of a text, and its PowerShell writes every text as UTF-16.
"""


def with_profile(environment: Mapping[str, str], home: Path) -> dict[str, str]:
    """Return the environment of a command on a local machine, where the default profile file may be used.

    A profile file is used only if the environment names it, and never on Lambda.
    """
    default = home / ".huaweicloud" / "credentials"
    return ({VARIABLE: str(default)} if default.is_file() else {}) | dict(environment)


def read_profile(file: Path) -> Credentials:
    """Return the credentials in the file's section [basic].

    Raises:
        Misconfigured: the file or a key is missing or wrong; the error never shows a line of the file.
    """
    # Interpolation is off, because a percent sign in a secret is only a percent sign.
    parser = ConfigParser(interpolation=None)
    try:
        parser.read_string(_text(file.read_bytes()))
    except (OSError, ValueError):
        raise _fault(file, "cannot be read") from None
    except Error:
        raise _fault(file, "is not an INI file") from None
    if not parser.has_section(_SECTION):
        raise _fault(file, f"has no section [{_SECTION}]")
    values = {name: value for name, value in parser.items(_SECTION) if value}
    for name in ("ak", "sk"):
        if name not in values:
            raise _fault(file, f"lacks {name} in [{_SECTION}]")
    with advising(f"Fix it in section [{_SECTION}] of the profile file {file}."):
        key = AccessKey(values["ak"], values["sk"], values.get("security_token"))
        return Credentials(key, values.get("project_id"), values.get("iam_endpoint"))


def _text(content: bytes) -> str:
    return content.decode(_MARKED.get(content[:2], "utf-8-sig"))


def _fault(file: Path, what: str) -> Misconfigured:
    return Misconfigured(f"The profile file {file} {what}", advice=_ADVICE)
