"""One HTTP call to the vendor, and what its outcome allows: try again, or first find out what was done."""

import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import cast

import httpx

from workspace_exports.clock import utc_now
from workspace_exports.deadline import Deadline
from workspace_exports.errors import ExportError, Rejected, UnexpectedAnswer
from workspace_exports.log import logger
from workspace_exports.network.failures import no_answer
from workspace_exports.transport import AS_STREAM
from workspace_exports.vendor.answers import error_of, json_document
from workspace_exports.vendor.retry import Outcome, RetryPolicy
from workspace_exports.vendor.signing import encode_query

_CONNECT_SECONDS = 5.0
_ANSWER_SECONDS = 10.0
_SHORTEST_SECONDS = 0.5
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True, slots=True)
class Attempt:
    """The outcome of one call: an answer, or the failure to get one."""

    response: httpx.Response | None = None
    failure: httpx.RequestError | None = None

    @property
    def status(self) -> int | None:
        """Of the answer, if there is one."""
        return None if self.response is None else self.response.status_code

    @property
    def succeeded(self) -> bool:
        """Whether the answer is a 2xx."""
        return self.response is not None and self.response.is_success

    @property
    def headers(self) -> httpx.Headers:
        """Of the answer; empty without one."""
        return httpx.Headers() if self.response is None else self.response.headers

    @property
    def may_have_been_done(self) -> bool:
        """Whether the vendor may have done the work although its answer does not say so."""
        if self.response is None:
            return not isinstance(self.failure, _NEVER_LEFT)
        status = self.response.status_code
        return self.succeeded or status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT

    def error(self, doing: str) -> ExportError:
        """What it amounts to for whoever wanted it done."""
        if self.response is None:
            failure = cast("httpx.RequestError", self.failure)
            return no_answer(failure, doing, "the vendor", "WORKSPACE_REGION and WORKSPACE_ENDPOINT")
        return error_of(self.response.status_code, self.response.headers, _beginning(self.response), doing)


class Caller:
    """Sends one project's requests, within the time an invocation has left."""

    def __init__(  # noqa: PLR0913 - the last three are for tests
        self,
        http: httpx.Client,
        project_id: str,
        deadline: Deadline,
        policy: RetryPolicy,
        *,
        sleep: Callable[[float], None] = time.sleep,
        draw: Callable[[], float] = random.random,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.project_id = project_id
        self.policy = policy
        self._http = http
        self._deadline = deadline
        self._sleep = sleep
        self._draw = draw
        self._now = now

    def keeping_back(self, seconds: float) -> "Caller":
        """The same, for work that must end so long before the invocation does."""
        deadline = self._deadline.earlier(seconds)
        return Caller(
            self._http, self.project_id, deadline, self.policy, sleep=self._sleep, draw=self._draw, now=self._now
        )

    def within(self, seconds: float) -> float:
        """So many seconds, or what is left, though never too little for anything to be done."""
        return max(_SHORTEST_SECONDS, min(seconds, self._deadline.remaining_seconds()))

    @property
    def has_time(self) -> bool:
        """Whether any is left."""
        return self._deadline.remaining_seconds() > 0

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Iterable[tuple[str, str]] = (),
        body: str | None = None,
        content_type: str = "application/json",
    ) -> httpx.Request:
        """A request of this project.

        The content type is named even without a body, as the official SDK does; encodings are not invited, so that
        lengths are those of the file.

        Raises:
            Rejected: it does not fit into a URL.
        """
        target = f"{path}?{encode_query(query)}".removesuffix("?")
        headers = {"Content-Type": content_type, "X-Project-Id": self.project_id, "Accept-Encoding": "identity"}
        try:
            return self._http.build_request(method, target, headers=headers, content=body)
        except httpx.InvalidURL:
            raise Rejected("The filters are too long for one request: use fewer, or shorter ones") from None

    def attempt(self, request: httpx.Request, *, stream: bool = False) -> Attempt:
        """Sends once, whatever comes of it; a streamed answer is the caller's to close."""
        answer_seconds = self.within(_ANSWER_SECONDS)
        timeout = httpx.Timeout(answer_seconds, connect=min(_CONNECT_SECONDS, answer_seconds))
        request.extensions |= {"timeout": timeout.as_dict(), AS_STREAM: stream}
        try:
            return Attempt(response=self._http.send(request, stream=stream))
        except httpx.RequestError as failure:
            return Attempt(failure=failure)

    def repeat(self, request: httpx.Request, doing: str, *, stream: bool = False) -> httpx.Response:
        """Sends a request that changes nothing, as often as the policy allows, and returns its 2xx.

        Raises:
            ExportError: what the last attempt amounts to.
        """
        number, attempt = 1, self.attempt(request, stream=stream)
        while not attempt.succeeded and self.wait(number, attempt, doing):
            number, attempt = number + 1, self.attempt(request, stream=stream)
        if attempt.response is None or not attempt.succeeded:
            raise self.failed(attempt, doing)
        return attempt.response

    def wait(self, number: int, attempt: Attempt, doing: str) -> bool:
        """Waits as the policy says after that many attempts; False if there should be no further one."""
        outcome = Outcome(attempt.status, attempt.headers)
        remaining_seconds = self._deadline.remaining_seconds()
        wait = self.policy.next_wait(number, outcome, remaining_seconds, self._draw, self._now())
        if wait is None:
            return False
        if attempt.response is not None:
            attempt.response.close()
        logger.info("trying again", doing=doing, attempt=number, status=attempt.status, wait_seconds=round(wait, 3))
        self._sleep(wait)
        return True

    def pause(self, seconds: float) -> bool:
        """Waits, unless the invocation has no time for that and what comes after."""
        if seconds + _SHORTEST_SECONDS > self._deadline.remaining_seconds():
            return False
        self._sleep(seconds)
        return True

    def failed(self, attempt: Attempt, doing: str) -> ExportError:
        """The attempt's error, its connection given back."""
        try:
            return attempt.error(doing)
        finally:
            if attempt.response is not None:
                attempt.response.close()


def json_object(response: httpx.Response) -> dict[str, object]:
    """The answer's body.

    Raises:
        UnexpectedAnswer: it is not a JSON object.
    """
    answer = json_document(response.content)
    if not isinstance(answer, dict):
        raise UnexpectedAnswer("The vendor's answer is not a JSON object")
    return answer


def _beginning(response: httpx.Response) -> bytes:
    """As much of an error's body as comes; what cannot be read cannot matter."""
    if response.is_closed:
        return response.content
    body = bytearray()
    try:
        for chunk in response.iter_bytes():
            body += chunk
    except httpx.RequestError:
        pass
    return bytes(body)
