"""One file on its way from the vendor."""

from collections.abc import Iterator

import httpx

from workspace_exports.errors import BadFile, VendorUnavailable
from workspace_exports.quoting import quoted


class Download:
    """The body of a download: its bytes as they are on the wire, and what the answer said of them.

    Attributes:
        size_bytes: the announced length, None when the vendor announces none.
        request_id: the vendor's name for this answer.

    Raises:
        BadFile: the body is encoded; its bytes would not be the file's.
    """

    def __init__(self, response: httpx.Response) -> None:
        self._response = response
        encoding = response.headers.get("content-encoding", "identity")
        if encoding != "identity":
            raise BadFile(f"The file came encoded as {quoted(encoding)}, which was not asked for")
        length = response.headers.get("content-length", "")
        self.size_bytes = int(length) if length.isascii() and length.isdigit() else None
        self.request_id: str | None = response.headers.get("x-request-id")

    def __iter__(self) -> Iterator[bytes]:
        """The bytes, once, in chunks of whatever size they arrive in.

        Raises:
            BadFile: the body ended early.
            VendorUnavailable: the connection failed or stalled.
        """
        try:
            yield from self._response.iter_raw()
        except httpx.RemoteProtocolError as error:
            raise BadFile("The file was cut short on its way", vendor_request_id=self.request_id) from error
        except httpx.TransportError as error:
            raise VendorUnavailable(
                f"The download broke off ({type(error).__name__})", vendor_request_id=self.request_id
            ) from error
