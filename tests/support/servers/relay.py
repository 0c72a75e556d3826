"""A relay before a real server; it can hold bytes back and close every connection."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Self
from urllib.parse import urlsplit

_AT_ONCE = 1 << 16


class Relay:
    """Listens on 127.0.0.1 and passes bytes both ways; `with Relay(url) as relay: relay.url`.

    Attributes:
        connections: how many have been opened.
        is_holding: set once it has let that many bytes pass and holds back what follows.
    """

    def __init__(self, upstream: str) -> None:
        address = urlsplit(upstream)
        self._upstream = str(address.hostname), int(address.port or 80)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._let_pass: dict[str, int] = {}
        self._goes_on = threading.Event()
        self._lock = threading.Lock()
        self.is_holding = threading.Event()
        self.connections = 0
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def hold_after(self, count: int, direction: str) -> None:
        """Lets so many more bytes `up` or `down` the line, then none until everybody is hung up on."""
        self._let_pass = {direction: count}

    def hang_up(self) -> None:
        """Closes every connection; new ones are taken, and nothing is held back any more."""
        self._goes_on.set()
        with self._lock:
            self._let_pass = {}
            for end in self._sockets:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._threads[0].join()
        self.hang_up()
        for thread in self._threads:
            thread.join()
        for end in self._sockets:
            end.close()

    def _start(self, work: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._upstream)
                self.connections += 1
                with self._lock:
                    self._sockets |= {near, far}
                self._start(self._pass, near, far, "up")
                self._start(self._pass, far, near, "down")

    def _pass(self, source: socket.socket, sink: socket.socket, direction: str) -> None:
        with suppress(OSError):
            while content := source.recv(_AT_ONCE):
                self._hold(direction, len(content))
                sink.sendall(content)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _hold(self, direction: str, count: int) -> None:
        with self._lock:
            if direction not in self._let_pass:
                return
            self._let_pass[direction] -= count
            if self._let_pass[direction] >= 0:
                return
        self.is_holding.set()
        self._goes_on.wait()
