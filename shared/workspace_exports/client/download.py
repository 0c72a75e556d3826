"""Download of one file from the vendor, over as many connections as it takes."""

import hashlib
from collections.abc import Iterable, Iterator
from http import HTTPStatus

import httpx

from workspace_exports.client.answers import no_file
from workspace_exports.client.file_beginning import Beginning, about_the_file
from workspace_exports.client.ranges import Part, changed, check_nothing_is_left, first_part, rest_of_file
from workspace_exports.client.requests import Attempt, RequestSender, answer_in
from workspace_exports.core.errors import BadFile, ExportError, Rejected, VendorUnavailable, about
from workspace_exports.core.log import logger
from workspace_exports.core.redaction import sanitize
from workspace_exports.network.content_coding import content_coding

_CONNECTIONS_AT_FIRST = 32
_BYTES_FOR_EACH_FURTHER_CONNECTION = 256 * 1024
_SILENCE_SECONDS = 5.0
KEPT_BACK_SECONDS = 6.0
"""Time kept back at the invocation's end, longer than a silence may last.

No read outlives the invocation, and there is time left to abort an upload.
"""
_DOING, _GOING_ON = "download the file", "resume the download"
_NOTHING_THERE = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
_MORE_TIME = "Try again; if it never suffices, give the function more time (in template.yaml, its Timeout)."
_GAIN = (
    "Download again; nothing was archived. If it stays, see what ends connections early between here and the vendor: "
    "a proxy, a firewall, an idle time-out."
)


class Download:
    """File of a finished task: its bytes as they are on the wire, and the facts that the first answer named.

    When a connection breaks, the client requests the rest. It requests a range if a validator can prove that the
    version is the same. Otherwise it requests the whole file, compares the first bytes with those that came before,
    and drops them.

    Attributes:
        size_bytes: the announced length, None when the vendor announces none.
        likely_bytes: the same.
        emptiness: None; only the bytes show that a file has nothing in it.
        is_framed: True if a length or a last chunk marks the end.
        request_id: the vendor's name for the first answer.

    Raises:
        BadFile: the body is encoded, so its bytes are not the file's.
        ExportError: the error that the vendor's refusal stands for.
    """

    emptiness: str | None = None

    def __init__(self, caller: RequestSender, task_id: str) -> None:
        self._caller = caller.keeping_back(KEPT_BACK_SECONDS)
        self._task_id = task_id
        self._position = 0
        self._asked_in_vain = 0
        self._connections = 1
        self._request_ids: list[str] = []
        self._begin()
        self.size_bytes = self.likely_bytes = self._version.size_bytes
        self.is_framed = self.size_bytes is not None or "transfer-encoding" in self._response.headers
        self.request_id = self._request_id
        # A strong ETag proves as much without a digest, and the archive hashes every byte anyway.
        self._digest = None if self._version.strong_etag else hashlib.sha256()

    @property
    def request_ids(self) -> tuple[str, ...]:
        """Names that the vendor gave to all the answers whose bytes came so far."""
        return tuple(self._request_ids)

    def close(self) -> None:
        """Close the current answer and release its connection."""
        self._response.close()

    def _begin(self) -> None:
        """Request the file until an answer holds the beginning of one."""
        number = 1
        while True:
            attempt = self._caller.attempt(self._request({}), stream=True)
            try:
                return self._take_beginning(attempt)
            except ExportError as error:
                attempt.close()
                if not self._caller.wait(number, error, _DOING):
                    raise about_the_file(error) from None
            number += 1

    def _take_beginning(self, attempt: Attempt) -> None:
        if attempt.response is None or not attempt.response.is_success:
            raise attempt.error(_DOING)
        self._response = attempt.response
        with about(vendor_request_id=self._request_id):
            part = first_part(self._response.status_code, self._response.headers)
            if part is None:
                raise _refusal(self._response, _DOING)
            self._accept(part)
            self._version = part.version
            beginning = Beginning(self._timely(self._response.iter_raw()))
            beginning.check(self._response, part.ends_at, _DOING)
            self._chunks: Iterable[bytes] = beginning

    def __iter__(self) -> Iterator[bytes]:
        """Yield the file's bytes once, from first to last, in chunks as they arrive.

        Raises:
            BadFile: the vendor's answers keep ending early or bring too little each, or the file changed meanwhile.
            VendorUnavailable: the connection keeps failing or stalling, or the invocation's time is over.
            ExportError: the error that the vendor's refusal of the rest stands for.
        """
        goes_on = True
        while goes_on:
            try:
                yield from self._new_bytes()
                goes_on = False
            except httpx.TransportError as failure:
                self._response.close()
                with about(vendor_request_id=self._request_id):
                    goes_on = not self._is_whole and self._ask_for_rest(failure)

    def _new_bytes(self) -> Iterator[bytes]:
        """Yield the bytes of the current answer that did not come before."""
        with about(vendor_request_id=self._request_id):
            for chunk in self._unknown(iter(self._chunks)):
                self._position += len(chunk)
                if self._part.ends_at is not None and self._position > self._part.ends_at:
                    raise BadFile(f"The vendor sent more than the {self._part.ends_at} bytes that it announced")
                if self._digest:
                    self._digest.update(chunk)
                self._asked_in_vain = 0
                yield chunk
        size_bytes = self._version.size_bytes or self._part.ends_at or 0
        if self._position < size_bytes:
            raise httpx.RemoteProtocolError("the body ended before the file did")

    def _timely(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the chunks, and raise before a read for which there is no time."""
        self._require_time()
        for chunk in chunks:
            yield chunk
            self._require_time()

    def _unknown(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Drop the bytes that came before, and yield the others.

        Only then does this answer's version become the one whose rest may be requested.
        """
        if known_bytes := self._position - self._part.starts_at:
            digest = None if self._part.is_proven else hashlib.sha256()
            chunk = _drop(chunks, known_bytes, digest)
            if digest and self._digest and digest.digest() != self._digest.digest():
                raise changed("its first bytes differ")
            self._version = self._part.version
            if chunk:
                yield chunk
        self._version = self._part.version
        yield from chunks

    @property
    def _is_whole(self) -> bool:
        return self._position == self._version.size_bytes

    def _ask_for_rest(self, failure: httpx.TransportError) -> bool:
        """Request the rest until an answer can be read; return False if it says that all bytes had come already."""
        error = self._broken_off(failure)
        while self._may_ask(error):
            self._require_progress()
            self._asked_in_vain += 1
            self._connections += 1
            request = self._request(self._version.range_headers(self._position))
            attempt = self._caller.attempt(request, stream=True)
            response = attempt.response
            if response and (response.is_success or response.status_code == _NOTHING_THERE):
                return self._goes_on_in(response)
            error = about_the_file(attempt.error(_GOING_ON))
        if error.vendor_status is None:
            self._require_time()
        raise error

    def _may_ask(self, error: ExportError) -> bool:
        """Return whether a request may be sent: at once after new bytes, else after the policy's wait."""
        if not self._asked_in_vain:
            return self._caller.has_time
        return self._caller.wait(self._asked_in_vain, error, _GOING_ON)

    def _goes_on_in(self, response: httpx.Response) -> bool:
        self._response = response
        self._chunks = self._timely(response.iter_raw())
        with about(vendor_request_id=self._request_id):
            if response.status_code == _NOTHING_THERE:
                check_nothing_is_left(self._version, self._position, response.headers)
                return False
            if response.status_code != HTTPStatus.PARTIAL_CONTENT:
                self._check_beginning(response)
            self._accept(rest_of_file(self._version, self._position, response.status_code, response.headers))
        logger.info(
            "download resumed", task_id=self._task_id, at_bytes=self._position, of_bytes=self._part.version.size_bytes
        )
        return True

    def _check_beginning(self, response: httpx.Response) -> None:
        """Check an answer to a request for the rest that is not a range, as the first answer is checked.

        Such an answer may be an error in place of the file.
        """
        if first_part(response.status_code, response.headers) is None:
            raise _refusal(response, _GOING_ON)
        beginning = Beginning(self._timely(response.iter_raw()))
        beginning.check(response, self._version.size_bytes, _GOING_ON)
        self._chunks = beginning

    def _accept(self, part: Part) -> None:
        if coding := content_coding(self._response.headers):
            self._response.close()
            raise BadFile(f"The file came encoded as {coding}, which was not asked for")
        self._part = part
        if self._request_id:
            self._request_ids.append(self._request_id)
        # httpx takes the time-outs from here when it begins to read the body.
        self._response.request.extensions["timeout"]["read"] = self._caller.within(_SILENCE_SECONDS)

    @property
    def _request_id(self) -> str | None:
        return sanitize(self._response.headers.get("x-request-id"))

    def _request(self, headers: dict[str, str]) -> httpx.Request:
        path = f"/v2/{self._caller.project_id}/export-tasks/{self._task_id}/download"
        request = self._caller.request("GET", path)
        request.headers.update(headers)
        return request

    def _require_time(self) -> None:
        if not self._caller.has_time and not self._is_whole:
            raise VendorUnavailable(f"The time for the download is over: {self._progress}", advice=_MORE_TIME)

    def _require_progress(self) -> None:
        if self._connections >= most_connections(self._position):
            raise BadFile(
                f"The connections make too little progress: in {self._connections} of them {self._progress}",
                advice=_GAIN,
            )

    def _broken_off(self, failure: httpx.TransportError) -> ExportError:
        if isinstance(failure, httpx.RemoteProtocolError):
            return BadFile(f"The file was cut short: {self._progress}")
        return VendorUnavailable(f"The download broke off ({type(failure).__name__}): {self._progress}")

    @property
    def _progress(self) -> str:
        size_bytes = self._version.size_bytes
        return f"{self._position} {'bytes came' if size_bytes is None else f'of {size_bytes} bytes came'}"


def _drop(chunks: Iterator[bytes], count: int, digest: "hashlib._Hash | None") -> bytes:
    """Drop that many bytes, add them to the digest if there is one, and return the rest of the last chunk.

    Raises:
        httpx.RemoteProtocolError: there are fewer bytes.
    """
    for chunk in chunks:
        if digest:
            digest.update(chunk[:count])
        if len(chunk) >= count:
            return chunk[count:]
        count -= len(chunk)
    raise httpx.RemoteProtocolError("the body ended before the place where the last one broke off")


def _refusal(response: httpx.Response, doing: str) -> ExportError:
    """Return the error for a success that is no file; an unknown refusal in it becomes a bad file."""
    error = about_the_file(no_file(answer_in(response), doing))
    return BadFile(error.what, **error.vendor_facts) if isinstance(error, Rejected) else error


def most_connections(came_bytes: int) -> int:
    """Return the number of connections that a download may open until that many bytes have come.

    A line that drops every 16 MiB brings 1 GiB in 64 connections, of 4,128 allowed. One that drops every 8 KiB ends at
    the 33rd. The number is bounded because a file's length is.

    Args:
        came_bytes: bytes of the file that have come, without repetition.
    """
    return _CONNECTIONS_AT_FIRST + came_bytes // _BYTES_FOR_EACH_FURTHER_CONNECTION
