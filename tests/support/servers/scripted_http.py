"""A small HTTP server with scripted answers, for those that the vendor stand-in cannot give."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class ScriptedServer:
    """Answers on 127.0.0.1, one scripted answer a request; `with ScriptedServer() as server: server.url`.

    Args:
        otherwise: the status for a request that no answer is scripted for; with 403, a proxy that opens no way.
    """

    def __init__(self, otherwise: int | None = None) -> None:
        self.otherwise = otherwise
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"

    @property
    def paths(self) -> list[str]:
        """What was asked for, in order."""
        return [path for _, path, _, _ in self.requests]

    def answer(self, status: int, document: object, headers: dict[str, str] | None = None) -> None:
        """Queues an answer; bytes go out as they are, anything else as JSON."""
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.answers.append((status, headers or {}, body))

    def next_answer(self) -> tuple[int, dict[str, str], bytes]:
        """The answer that is due; raises IndexError where none is."""
        if not self.answers and self.otherwise:
            return self.otherwise, {}, b""
        return self.answers.pop(0)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        script = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                script.requests.append((self.command, self.path, headers, body))
                status, headers, body = script.next_answer()
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_CONNECT = do_GET  # noqa: N815 - the library's names

            def log_message(self, *_: Any) -> None:
                """Says nothing."""

        return Handler
