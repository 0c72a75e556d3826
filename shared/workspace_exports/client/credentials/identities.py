"""Credentials for the vendor. No repr shows a secret, and no key holds a value that a header cannot hold."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from workspace_exports.core.contract import NAME
from workspace_exports.core.endpoints import is_safe_endpoint
from workspace_exports.core.errors import Misconfigured
from workspace_exports.network.variables import is_word


@dataclass(frozen=True, slots=True)
class AccessKey:
    """Access key pair, with a security token if it is a temporary one."""

    access_key: str
    secret_key: str = field(repr=False)
    security_token: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for name in ("access_key", "secret_key", "security_token"):
            value = getattr(self, name)
            if value is not None and not (value and is_word(value)):
                raise Misconfigured(
                    f"The {name} is empty, or holds a character that no key holds, such as a line break or a space"
                )


@dataclass(frozen=True, slots=True)
class Login:
    """IAM user who may sign in by password; a HUAWEI ID itself may not."""

    user_name: str
    password: str = field(repr=False)
    domain_name: str


@dataclass(frozen=True, slots=True)
class Credentials:
    """Identity, with the project and the endpoint that stand in the same place."""

    identity: AccessKey | Login
    project_id: str | None = None
    iam_endpoint: str | None = None

    def __post_init__(self) -> None:
        if self.project_id is not None and not re.fullmatch(NAME, self.project_id):
            raise Misconfigured("The project_id beside the credentials is no project id: letters, digits, - and _")
        if self.iam_endpoint is not None and not is_safe_endpoint(self.iam_endpoint):
            raise Misconfigured("The iam_endpoint beside the credentials must be an https URL")


@contextmanager
def advising(advice: str) -> Iterator[None]:
    """Give `Misconfigured` this advice, which names the place of a bad value instead of the function's environment."""
    try:
        yield
    except Misconfigured as error:
        raise Misconfigured(error.what, advice=advice) from None
