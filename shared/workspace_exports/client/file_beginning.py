"""Beginning of a body that should be a file, checked before it is passed on: it may be an error in a success."""

from collections.abc import Iterator

import httpx

from workspace_exports.client.answers import BLANKS, Answer, VendorError, shape_of, to_exception
from workspace_exports.core.errors import (
    NO_BYTES,
    BadFile,
    ExportError,
    FileExpired,
    Rejected,
    TaskLost,
    Unauthorized,
    VendorUnavailable,
)

_GUESSED_BADLY = (TaskLost, Unauthorized, VendorUnavailable)
"""Errors that an unknown code is not enough evidence for, because too much follows from them.

With such a code, the file counts as a bad one.
"""
_LONGEST_DOCUMENT_BYTES = 64 * 1024
_DOCUMENT_STARTS = (b"{", b"[", b"<", b"")


class Beginning:
    """Chunks of a body. The first one is read at once, and more only if they could be an error document.

    Iterating gives every chunk once, and ends as the body ends.

    Args:
        chunks: the body, not read yet.
    """

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = filter(None, chunks)
        self._read: list[bytes] = []
        self._first_letter = b""
        self._failure: httpx.TransportError | None = None
        self._is_all = False
        try:
            self._is_all = self._read_document()
        except httpx.TransportError as failure:
            self._failure = failure

    def _read_document(self) -> bool:
        """Read the first chunk, and the further chunks of a possible document; return True at the body's end."""
        size_bytes = 0
        for chunk in self._chunks:
            self._read.append(chunk)
            self._first_letter = self._first_letter or chunk.lstrip(BLANKS)[:1]
            size_bytes += len(chunk)
            if size_bytes > _LONGEST_DOCUMENT_BYTES or self._first_letter not in _DOCUMENT_STARTS:
                return False
        return True

    def __iter__(self) -> Iterator[bytes]:
        """Yield each chunk once.

        Raises:
            httpx.TransportError: the body broke off.
        """
        yield from self._read
        if self._failure:
            raise self._failure
        yield from self._chunks

    def check(self, response: httpx.Response, announced_bytes: int | None, doing: str) -> None:
        """Check that a file may begin like this body.

        Args:
            response: the answer that the body belongs to.
            announced_bytes: the body's length; None if none was announced.
            doing: the requested action, for the sentence.

        Raises:
            BadFile: the body is empty, or is a web page, XML or JSON.
            ExportError: the error that such a document names.
        """
        if not self._is_all:
            return
        answer = Answer(response.status_code, response.headers, b"".join(self._read))
        if not answer.body:
            raise _nothing_came(announced_bytes)
        vendor_error = answer.vendor_error
        is_page = self._first_letter == b"<"
        if not (is_page or isinstance(answer.document, dict) or vendor_error.names_an_error):
            return
        error = about_the_file(to_exception(answer, doing)) if vendor_error.names_an_error else None
        is_guessed = vendor_error.status_of_code is None and isinstance(error, _GUESSED_BADLY)
        if error is None or is_guessed or isinstance(error, Rejected):
            code = vendor_error.code if vendor_error.names_an_error else None
            reason = vendor_error.reason if code or not isinstance(answer.document, dict) else None
            shape = shape_of(answer)
            error = BadFile(
                f"{shape[0].upper()}{shape[1:]} came instead of the file", vendor_code=code, vendor_reason=reason
            )
            error.is_whole = announced_bytes is not None
        raise error


def about_the_file(error: ExportError) -> ExportError:
    """Return the refusal as an error about the task or its file, if the refusal is about them.

    The vendor documents neither the status nor the code for a task or file that is gone, so the words decide.
    """
    if not isinstance(error, Rejected) or (error.vendor_code or "").startswith("APIG"):
        return error
    vendor_error = VendorError(error.vendor_code, error.vendor_reason, None)
    status = vendor_error.status(error.vendor_status or 0)
    if httpx.codes.GONE in (status, vendor_error.status_of_words):
        return FileExpired("The file is gone from the vendor", **error.vendor_facts)
    if status == httpx.codes.NOT_FOUND:
        return TaskLost("The vendor has no file for the task", **error.vendor_facts)
    return error


def _nothing_came(announced_bytes: int | None) -> BadFile:
    if announced_bytes is None:
        return BadFile("No bytes came, and no length was announced")
    error = BadFile("The file came without any bytes")
    if announced_bytes == 0:
        error.says = NO_BYTES
        error.is_whole = True
    return error
