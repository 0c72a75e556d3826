"""HTTP calls to the vendor, and the next step that an outcome allows: a retry, or first a search for work done."""

import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeVar, cast

import httpx

from workspace_exports.client.answers import Answer, read_answer, to_exception
from workspace_exports.client.regions import endpoint_beside
from workspace_exports.client.retry import RetryPolicy
from workspace_exports.client.signing import encode_query
from workspace_exports.core.deadline import Deadline
from workspace_exports.core.errors import ExportError, Rejected, Unauthorized, VendorUnavailable
from workspace_exports.core.log import logger
from workspace_exports.exports.export import Service
from workspace_exports.network.connection_errors import no_answer
from workspace_exports.network.http_client import AS_STREAM

_CONNECT_SECONDS = 5.0
_ANSWER_SECONDS = 10.0
_SHORTEST_SECONDS = 0.5
_BEGINNING_BYTES = 64 * 1024
FoundT = TypeVar("FoundT")

_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


Explain = Callable[[Unauthorized, Answer], None]


@dataclass(frozen=True, slots=True)
class Attempt:
    """Outcome of one call: an answer, or the failure to get one.

    `explain` adds to a refusal what can be found out about its reason.
    """

    response: httpx.Response | None = None
    failure: httpx.RequestError | None = None
    explain: Explain | None = None

    @property
    def status(self) -> int | None:
        """HTTP status of the answer; None without an answer."""
        return None if self.response is None else self.response.status_code

    @property
    def headers(self) -> httpx.Headers:
        """Headers of the answer; empty without an answer."""
        return httpx.Headers() if self.response is None else self.response.headers

    def read(self, doing: str, find: Callable[[Answer], FoundT | None], lacks: str) -> FoundT:
        """Return the content that `find` takes out of the answer. The arguments are those of `read_answer`.

        Raises:
            ExportError: the error that the attempt ended with instead.
        """
        if self.response is None:
            raise self.error(doing)
        answer = answer_in(self.response)
        try:
            return read_answer(answer, doing, find, lacks)
        except Unauthorized as error:
            self._explained(error, answer)
            raise

    def may_have_been_done(self, error: ExportError) -> bool:
        """Return whether the vendor may have done the work although the attempt ended with this error."""
        if self.response is None:
            return not isinstance(self.failure, _NEVER_LEFT)
        return isinstance(error, VendorUnavailable) and self.status != HTTPStatus.TOO_EARLY

    def error(self, doing: str) -> ExportError:
        """Return the error that the failure or the refusal stands for."""
        if self.response is None:
            failure = cast("httpx.RequestError", self.failure)
            return no_answer(failure, doing, "the vendor", "WORKSPACE_REGION and WORKSPACE_ENDPOINT")
        answer = answer_in(self.response)
        return self._explained(to_exception(answer, doing), answer)

    def _explained(self, error: ExportError, answer: Answer) -> ExportError:
        if self.explain and isinstance(error, Unauthorized):
            self.explain(error, answer)
        return error

    def close(self) -> None:
        """Close the answer, if there is one, and release its connection."""
        if self.response is not None:
            self.response.close()


class RequestSender:
    """Sender of one project's requests, within the time that the invocation has left."""

    def __init__(  # noqa: PLR0913 - the last two are for tests
        self,
        http: httpx.Client,
        project_id: str,
        deadline: Deadline,
        policy: RetryPolicy,
        *,
        sleep: Callable[[float], None] = time.sleep,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self.project_id = project_id
        self.policy = policy
        self._http = http
        self._deadline = deadline
        self._sleep = sleep
        self._draw = draw

    def keeping_back(self, seconds: float, policy: RetryPolicy | None = None) -> "RequestSender":
        """Return a sender for work that must end that many seconds before this sender's deadline.

        Args:
            seconds: time between the two deadlines.
            policy: limits of its retries; this sender's if it is None.
        """
        deadline, policy = self._deadline.earlier(seconds), policy or self.policy
        return RequestSender(self._http, self.project_id, deadline, policy, sleep=self._sleep, draw=self._draw)

    def within(self, seconds: float) -> float:
        """Return the given seconds, or the seconds left if they are fewer, but never too few for a call."""
        return max(_SHORTEST_SECONDS, min(seconds, self._deadline.remaining_seconds()))

    @property
    def has_time(self) -> bool:
        """True while the invocation has time left."""
        return self._deadline.remaining_seconds() > 0

    def request(  # noqa: PLR0913 - all but the first two are named
        self,
        method: str,
        path: str,
        *,
        query: Iterable[tuple[str, str]] = (),
        body: str | None = None,
        content_type: str = "application/json",
        service: Service = "workspace",
    ) -> httpx.Request:
        """Return a request of this project to one of the vendor's services.

        The content type is named even without a body, as the official SDK does. The request accepts no encodings, so
        that lengths are those of the file.

        Raises:
            Rejected: the query does not fit into a URL.
        """
        beside = endpoint_beside(self._endpoint, service)
        host = "" if beside == self._endpoint else beside
        target = f"{host}{path}?{encode_query(query)}".removesuffix("?")
        headers = {"Content-Type": content_type, "X-Project-Id": self.project_id, "Accept-Encoding": "identity"}
        try:
            return self._http.build_request(method, target, headers=headers, content=body)
        except httpx.InvalidURL:
            raise Rejected("The filters are too long for one request: use fewer, or shorter ones") from None

    def attempt(self, request: httpx.Request, *, stream: bool = False) -> Attempt:
        """Send the request once, and return the outcome even if it is a failure.

        The caller has to close a streamed answer.
        """
        answer_seconds = self.within(_ANSWER_SECONDS)
        timeout = httpx.Timeout(answer_seconds, connect=min(_CONNECT_SECONDS, answer_seconds))
        request.extensions |= {"timeout": timeout.as_dict(), AS_STREAM: stream}
        try:
            response = self._http.send(request, stream=stream)
        except httpx.RequestError as failure:
            return Attempt(failure=failure)
        # STS takes signed requests only.
        return Attempt(response, explain=self._explain if "Authorization" in response.request.headers else None)

    def _explain(self, error: Unauthorized, answer: Answer) -> None:
        """Let the vendor's STS name the permission that a signed request lacks, if the refusal is about one."""
        encoded = answer.vendor_error.encoded
        if encoded is None or answer.status != HTTPStatus.FORBIDDEN or not self.has_time:
            return
        from workspace_exports.client.denials import explain  # noqa: PLC0415 - for a refusal

        explain(error, encoded, self._http, self._endpoint, self.within(_ANSWER_SECONDS))

    @property
    def _endpoint(self) -> str:
        return str(self._http.base_url).rstrip("/")

    def ask(
        self, request: httpx.Request, doing: str, find: Callable[[Answer], FoundT | None], lacks: str
    ) -> tuple[FoundT, httpx.Headers]:
        """Send a request that changes nothing, as often as the policy allows.

        Returns:
            The content that `find` takes out of the answer, and the answer's headers.

        Raises:
            ExportError: the error that the last attempt ended with.
        """
        number = 1
        while True:
            attempt = self.attempt(request)
            try:
                found = attempt.read(doing, find, lacks)
            except ExportError as error:
                if not self.wait(number, error, doing):
                    raise
            else:
                return found, attempt.headers
            number += 1

    def wait(self, number: int, error: ExportError, doing: str) -> bool:
        """Wait as the policy says after that many attempts, the last of which ended with the error.

        Returns:
            True after the wait; False, without one, if the policy allows no further attempt.
        """
        wait = self.policy.next_wait(number, error, self._deadline.remaining_seconds(), self._draw)
        if wait is None:
            return False
        logger.info(
            "trying again", doing=doing, attempt=number, status=error.vendor_status, wait_seconds=round(wait, 3)
        )
        self._sleep(wait)
        return True

    def pause(self, seconds: float) -> bool:
        """Wait, or return False at once if the invocation has no time for the wait and the next call."""
        if seconds + _SHORTEST_SECONDS > self._deadline.remaining_seconds():
            return False
        self._sleep(seconds)
        return True


def answer_in(response: httpx.Response) -> Answer:
    """Return the response with its body, of which the first 64 KiB matter.

    A failure to read the body ends it early, because the bytes after the failure do not matter.
    """
    return Answer(response.status_code, response.headers, _beginning(response))


def _beginning(response: httpx.Response) -> bytes:
    if response.is_closed:
        return response.content
    body = bytearray()
    try:
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) >= _BEGINNING_BYTES:
                break
    except httpx.RequestError:
        pass
    finally:
        response.close()
    return bytes(body)
