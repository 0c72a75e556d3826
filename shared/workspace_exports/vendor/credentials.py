"""Who we are to the vendor."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class AccessKey:
    """An access key pair, with a security token when it is a temporary one. Its repr shows no secret."""

    access_key: str
    secret_key: str = field(repr=False)
    security_token: str | None = field(default=None, repr=False)
