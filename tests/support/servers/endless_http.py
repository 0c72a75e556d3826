"""A server whose answer never ends."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Fountain:
    """Answers every call with a head and then the same chunk, until the caller hangs up; `sent_bytes` is how much."""

    def __init__(self, status: int = 200, chunk: bytes = b" " * 65_536, headers: str = "", pause: float = 0) -> None:
        self.sent_bytes = 0
        self._head = f"HTTP/1.1 {status} Said\r\nConnection: close\r\n{headers}\r\n".encode()
        self._chunk = chunk
        self._pause = pause
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    @contextmanager
    def flowing(self) -> Iterator["Fountain"]:
        """Until the block ends."""
        thread = threading.Thread(target=self._serve)
        thread.start()
        try:
            yield self
        finally:
            self._over.set()
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            thread.join()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                caller, _ = self._listener.accept()
                with caller, suppress(OSError):
                    caller.recv(65_536)
                    caller.sendall(self._head)
                    while not self._over.wait(self._pause):
                        caller.sendall(self._chunk)
                        self.sent_bytes += len(self._chunk)
