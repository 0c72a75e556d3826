"""The ways in which the vendor says no.

The gateway's codes are the published ones. The service's codes are the few ever seen in its documentation;
which of them a given export endpoint uses is not documented, so a client must not depend on them.
"""

import base64
import json
import math
from collections.abc import Mapping
from datetime import timedelta

from local.standin.messages import Answer, json_answer


class RefusalError(Exception):
    """A request that is not going to be served; carries the answer the caller gets."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers or {}
        self.more = more or {}

    def answer(self, request_id: str) -> Answer:
        """Answer in the shape of whoever refuses: only the gateway repeats the request id in the body."""
        content = {"error_code": self.code, "error_msg": str(self), **self.more}
        if self.code.startswith("APIGW."):
            content["request_id"] = request_id
        return json_answer(content, status=self.status, headers=self.headers)


class IdentityRefusalError(RefusalError):
    """A refusal in the shape that only the identity service has."""

    def answer(self, request_id: str) -> Answer:
        """Nest the reason under ``error``."""
        error = {"code": self.status, "message": str(self), "title": self.code}
        return json_answer({"error": error}, status=self.status, headers={"X-IAM-Trace-Id": request_id})


def no_such_api() -> RefusalError:
    """No route has this method and path."""
    return RefusalError(404, "APIGW.0101", "The API does not exist or has not been published in the environment")


def too_large() -> RefusalError:
    """The body is beyond what the gateway takes with a signature."""
    return RefusalError(413, "APIGW.0201", "Request entity too large")


def bad_signature(reason: str) -> RefusalError:
    """The key, the signature or the way it was made is wrong."""
    return RefusalError(401, "APIGW.0301", f"Incorrect IAM authentication information: {reason}")


def clock_skew(tolerance: timedelta) -> RefusalError:
    """The signature's date is too far from the gateway's clock."""
    minutes = tolerance // timedelta(minutes=1)
    text = f"Incorrect app authentication information: x-sdk-date is more than {minutes} minutes from server time"
    return RefusalError(401, "APIGW.0303", text)


def stale_token() -> RefusalError:
    """The token is unknown here or past its day."""
    return RefusalError(401, "APIGW.0307", "The token must be updated")


def throttled(calls: int, seconds: float, retry_after: float | None) -> RefusalError:
    """The project has had all the calls it gets for now; ``retry_after`` is told where it is a number."""
    text = (
        f"The throttling threshold has been reached: policy user over ratelimit,limit:{calls},time:{seconds:g} second"
    )
    headers = {} if retry_after is None else {"Retry-After": str(math.ceil(retry_after))}
    return RefusalError(429, "APIGW.0308", text, headers)


def foreign_project() -> RefusalError:
    """The project is not one the caller may use."""
    return RefusalError(403, "APIGW.0310", "The project_id in the URL is not available to the caller")


def denied(action: str, principal: str) -> RefusalError:
    """The caller lacks a permission; only the token service can read which."""
    reason = {"allowed": False, "context": {"principal": principal, "action": action, "resource": "*"}}
    encoded = base64.b64encode(json.dumps(reason).encode()).decode()
    more = {
        "error_detail": "The identity policies of the caller do not allow this call.",
        "encoded_authorization_message": encoded,
    }
    return RefusalError(403, "WKS.00081102", "No permission", more=more)


def decoded(encoded: str) -> str:
    """Answer the reason in plain text, as the token service does; anything that it did not encode is refused.

    The form of the text is not documented.
    """
    try:
        return base64.b64decode(encoded, validate=True).decode()
    except ValueError as error:
        raise invalid("encoded_message", "it is not one of ours") from error


def invalid(parameter: str, reason: str) -> RefusalError:
    """A parameter breaks a documented rule; the text always names it."""
    return RefusalError(400, "WKS.00211102", f"Invalid parameter {parameter}: {reason}")


def empty_body() -> RefusalError:
    """A JSON operation came without a body."""
    return RefusalError(400, "WKS.0001", "The request body is empty")


def no_such_task(task_id: str) -> RefusalError:
    """The export centre has no such task."""
    return RefusalError(404, "WKS.00081103", f"Export task {task_id} is not found")


def not_ready(task_id: str, status: str) -> RefusalError:
    """The task has no file, or none yet."""
    return RefusalError(400, "WKS.00211102", f"Export task {task_id} has no file to download: its status is {status}")


def file_expired(task_id: str) -> RefusalError:
    """There was a file once."""
    return RefusalError(404, "WKS.00081104", f"The file of export task {task_id} has expired")


def bad_range(size: int) -> RefusalError:
    """The range lies outside a file of that size."""
    headers = {"Content-Range": f"bytes */{size}"}
    return RefusalError(416, "WKS.00211102", "The requested range is not satisfiable", headers)
