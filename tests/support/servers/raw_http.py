"""A server that sends the bytes a test gives it: heads that are no HTTP, bodies that break off."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Self


class Wire:
    """Answers each connection to 127.0.0.1 with what `answer` makes of the request's head, then hangs up."""

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        self.requests: list[bytes] = []
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                caller, _ = self._listener.accept()
                with caller, suppress(OSError):
                    request = self._head(caller)
                    self.requests.append(request)
                    caller.sendall(self._answer(request))

    @staticmethod
    def _head(caller: socket.socket) -> bytes:
        head = bytearray()
        while b"\r\n\r\n" not in head and (more := caller.recv(65_536)):
            head += more
        return bytes(head)


def message(body: bytes, *headers: str, status: str = "HTTP/1.1 200 OK", length: bool = True) -> bytes:
    """An answer as it goes over the wire, headers as they are."""
    lines = [status, *headers, *([f"Content-Length: {len(body)}"] if length else []), "Connection: close", "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def chunked(body: bytes) -> bytes:
    """The body in one chunk, and the last one behind it."""
    return b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
