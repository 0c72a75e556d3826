"""Which call it is: an id in, the same id out and in every line of the log between."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from aws_lambda_powertools.utilities.typing import LambdaContext

REQUEST_ID = "X-Request-Id"
TRACE_ID = "X-Amzn-Trace-Id"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_TRACE_ID = re.compile(r"[A-Za-z0-9=;:+/_-]{1,256}")


@dataclass(frozen=True, slots=True)
class Trace:
    """One call's names.

    Attributes:
        request_id: the caller's `X-Request-Id` if it is fit for a log, else the gateway's id, else Lambda's.
        trace_id: `X-Amzn-Trace-Id`, the caller's or the gateway's; None where there is none.
    """

    request_id: str
    trace_id: str | None = None

    @classmethod
    def of(cls, event: object, context: LambdaContext) -> Self:
        """What the event, whatever it is, and the invocation say."""
        headers = {str(name).lower(): str(value) for name, value in _mapping(event, "headers").items()}
        request_id, trace_id = headers.get(REQUEST_ID.lower(), ""), headers.get(TRACE_ID.lower(), "")
        own = str(_mapping(event, "requestContext").get("requestId") or context.aws_request_id)
        return cls(
            request_id if _REQUEST_ID.fullmatch(request_id) else own,
            trace_id if _TRACE_ID.fullmatch(trace_id) else None,
        )

    @property
    def headers(self) -> dict[str, str]:
        """What the answer carries."""
        return {REQUEST_ID: self.request_id} | ({TRACE_ID: self.trace_id} if self.trace_id else {})


def _mapping(event: object, name: str) -> Mapping[str, Any]:
    found = event.get(name) if isinstance(event, dict) else None
    return found if isinstance(found, dict) else {}
