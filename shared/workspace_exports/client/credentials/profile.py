"""The official SDK's profile file: an INI file whose section [basic] holds ak, sk and, if need be, more."""

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
"""Windows writes a byte order mark in front of a text, and its PowerShell every text as UTF-16."""


def with_profile(environment: Mapping[str, str], home: Path) -> dict[str, str]:
    """The environment of a command on a machine of one's own, where the default profile file may be used.

    Naming the file is what allows it; nothing that runs on Lambda does.
    """
    default = home / ".huaweicloud" / "credentials"
    return ({VARIABLE: str(default)} if default.is_file() else {}) | dict(environment)


def read_profile(file: Path) -> Credentials:
    """The credentials in the file's section [basic].

    Raises:
        Misconfigured: the file or a key is missing; no line of the file is ever shown.
    """
    # Without interpolation: a percent sign in a secret is a percent sign.
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
    with advising(f"Mend it in section [{_SECTION}] of the profile file {file}."):
        key = AccessKey(values["ak"], values["sk"], values.get("security_token"))
        return Credentials(key, values.get("project_id"), values.get("iam_endpoint"))


def _text(content: bytes) -> str:
    return content.decode(_MARKED.get(content[:2], "utf-8-sig"))


def _fault(file: Path, what: str) -> Misconfigured:
    return Misconfigured(f"The profile file {file} {what}", advice=_ADVICE)
