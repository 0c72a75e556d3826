"""JSON document in a secret: an access key, or a user with a password. docs/credentials.md shows both."""

import json
import re

from workspace_exports.client.credentials.identities import AccessKey, Credentials, Login
from workspace_exports.core.errors import Misconfigured

_KEY = ("access_key", "secret_key")
_LOGIN = ("user_name", "password", "domain_name")
_OPTIONAL_WITH_KEY = ("security_token", "project_id")
_OPTIONAL_WITH_LOGIN = ("project_id",)
_ADVICE = 'Store {"access_key", "secret_key"} or {"user_name", "password", "domain_name"}; see docs/credentials.md.'
_PASSWORD = "password"  # noqa: S105 - a field's name
_BYTE_ORDER_MARK = "\ufeff"
_LIKE_OURS = re.compile(r"[a-z_]{1,32}")


def parse_secret(text: str) -> Credentials:
    """Return the credentials in a secret's text.

    A field that is empty or null counts as missing.

    Raises:
        Misconfigured: the text is wrong; the error names the fault, but never a value or a field that might be one.
    """
    document = _object(text)
    if any(name in document for name in _LOGIN):
        fields = _fields(document, _LOGIN, _OPTIONAL_WITH_LOGIN)
        identity: AccessKey | Login = Login(fields["user_name"], fields["password"], fields["domain_name"])
    else:
        fields = _fields(document, _KEY, _OPTIONAL_WITH_KEY)
        identity = AccessKey(fields["access_key"], fields["secret_key"], fields.get("security_token"))
    return Credentials(identity, fields.get("project_id"))


def _object(text: str) -> dict[str, object]:
    try:
        document = json.loads(text.removeprefix(_BYTE_ORDER_MARK))
    except (ValueError, RecursionError):
        raise _fault("is not JSON") from None
    if not isinstance(document, dict):
        raise _fault("is not a JSON object")
    return document


def _fields(document: dict[str, object], required: tuple[str, ...], optional: tuple[str, ...]) -> dict[str, str]:
    for name in document:
        if name not in required + optional:
            raise _fault(f"holds {name if _LIKE_OURS.fullmatch(name) else 'a field'}, which does not belong there")
    fields = {name: _text(name, value) for name, value in document.items() if value is not None}
    for name in required:
        if not fields.get(name):
            raise _fault(f"lacks {name}")
    return {name: value for name, value in fields.items() if value}


def _text(name: str, value: object) -> str:
    """Return the text without the blanks around it; a password keeps them, because they may belong to it."""
    if not isinstance(value, str):
        raise _fault(f"holds {name}, but not as text")
    return value if name == _PASSWORD else value.strip()


def _fault(what: str) -> Misconfigured:
    return Misconfigured(f"The secret with the vendor's credentials {what}", advice=_ADVICE)
