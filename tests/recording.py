"""An HTTP proxy that stands before a real server, notes what passes, and can lose or hold an answer on the way back."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Passed:
    """One request as it came, names of headers in lower case."""

    method: str
    path: str
    headers: dict[str, str]


class RecordingProxy:
    """Listens on 127.0.0.1; `with RecordingProxy(endpoint) as proxy: proxy.url`."""

    def __init__(self, upstream: str) -> None:
        self.requests: list[Passed] = []
        self._upstream = urlsplit(upstream).netloc
        self._to_lose: list[Callable[[Passed], bool]] = []
        self._to_hold: list[Callable[[Passed], bool]] = []
        self._ends = threading.Event()
        self.is_holding = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def lose_one_answer(self, to: Callable[[Passed], bool]) -> None:
        """The next request of that kind is done, and whoever sent it never hears of it."""
        self._to_lose.append(to)

    def hold_one_answer(self, to: Callable[[Passed], bool]) -> None:
        """The next request of that kind is done, and whoever sent it waits in vain; then `is_holding` is set."""
        self._to_hold.append(to)

    def sent(self, method: str) -> list[Passed]:
        """What passed with that verb."""
        return [request for request in self.requests if request.method == method]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._server.shutdown()
        self._server.server_close()

    def _forward(self, request: Passed, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = HTTPConnection(self._upstream)
        try:
            connection.request(request.method, request.path, body, request.headers)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()

    def _is_to_be_lost(self, request: Passed) -> bool:
        if _take(self._to_hold, request):
            self.is_holding.set()
            self._ends.wait()
            return True
        return _take(self._to_lose, request)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Passed(self.command, self.path, headers)
                proxy.requests.append(request)
                body = self.rfile.read(int(headers.get("content-length", 0)))
                status, answered, content = proxy._forward(request, body)
                if proxy._is_to_be_lost(request):
                    self.close_connection = True
                    return
                self.send_response_only(status)
                for name, value in answered:
                    if name.lower() not in {"connection", "content-length", "transfer-encoding"}:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_PUT = do_POST = do_DELETE = do_GET  # noqa: N815 - the library's names

            def log_message(self, *_: Any) -> None:
                """Says nothing."""

        return Handler


def _take(kinds: list[Callable[[Passed], bool]], request: Passed) -> bool:
    """Whether one of them is meant, which is then used up."""
    found = next((kind for kind in kinds if kind(request)), None)
    if found:
        kinds.remove(found)
    return found is not None
