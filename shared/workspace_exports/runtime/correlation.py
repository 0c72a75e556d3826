"""Ids of a call and of its chain of calls, from the event to every line of the log."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from aws_lambda_powertools.utilities.typing import LambdaContext

from workspace_exports.core.contract import CORRELATION_ID

REQUEST_ID = "X-Request-Id"
TRACE_ID = "X-Amzn-Trace-Id"
_FIT = re.compile(CORRELATION_ID)
_HEADER = re.compile(r"[A-Za-z0-9=;:+/_-]{1,256}")


@dataclass(frozen=True, slots=True)
class RequestIds:
    """Ids of one call.

    Attributes:
        function_name: the Lambda function's name.
        invocation_id: Lambda's request id.
        gateway_id: the gateway's request id; None for a direct invocation.
        caller_id: the caller's `X-Request-Id`, if it has the form of a correlation id.
        trace_id: `X-Amzn-Trace-Id`, the caller's or the gateway's; None where there is none.
        chain: the correlation id in a direct event.
    """

    function_name: str
    invocation_id: str
    gateway_id: str | None = None
    caller_id: str | None = None
    trace_id: str | None = None
    chain: str | None = None

    @classmethod
    def of(cls, event: object, context: LambdaContext) -> Self:
        """Return the ids in the event and in the invocation. An event may have any form."""
        headers = {str(name).lower(): str(value) for name, value in _mapping(event, "headers").items()}
        trace_id = headers.get(TRACE_ID.lower(), "")
        gateway_id = str(_mapping(event, "requestContext").get("requestId") or "")
        return cls(
            function_name=context.function_name,
            invocation_id=context.aws_request_id,
            gateway_id=gateway_id if _HEADER.fullmatch(gateway_id) else None,
            caller_id=_fit(headers.get(REQUEST_ID.lower())),
            trace_id=trace_id if _HEADER.fullmatch(trace_id) else None,
            chain=_fit(event.get("correlation_id")) if isinstance(event, dict) else None,
        )

    @property
    def request_id(self) -> str:
        """Id that the caller knows: its own `X-Request-Id`, else the gateway's id, else Lambda's."""
        return self.caller_id or self.gateway_id or self.invocation_id

    @property
    def correlation_id(self) -> str:
        """Chain's correlation id, else the call's own id; a gateway's id often does not have the form of one."""
        return self.chain or self.caller_id or _fit(self.gateway_id) or self.invocation_id

    @property
    def fields(self) -> dict[str, str]:
        """Fields of every line of the log, beside the correlation id."""
        known = {
            "function_name": self.function_name,
            "request_id": self.invocation_id,
            "gateway_request_id": self.gateway_id,
            "caller_request_id": self.caller_id,
            "trace_id": self.trace_id,
        }
        return {name: value for name, value in known.items() if value}

    @property
    def headers(self) -> dict[str, str]:
        """Headers of the answer that hold these ids."""
        return {REQUEST_ID: self.request_id} | ({TRACE_ID: self.trace_id} if self.trace_id else {})


def _fit(value: object) -> str | None:
    return value if isinstance(value, str) and _FIT.fullmatch(value) else None


def _mapping(event: object, name: str) -> Mapping[str, Any]:
    found = event.get(name) if isinstance(event, dict) else None
    return found if isinstance(found, dict) else {}
