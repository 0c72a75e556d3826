"""The storage behind: what came goes on to it byte for byte, so that signatures hold, and its answer comes back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import ClientResponse, ClientSession, ClientTimeout, TCPConnector, web
from yarl import URL

_BETWEEN_NEIGHBOURS = frozenset(
    {"connection", "expect", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
)
_ADDED_BY_THE_CLIENT = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
_HEADER_LIMIT_BYTES = 64 * 1024


class Upstream:
    """One storage; to be opened and closed in the loop it is used in."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint.rstrip("/")
        self._session = ClientSession(
            # A connection that was kept may be gone, which would be a fault that nobody has scripted.
            connector=TCPConnector(limit=0, force_close=True),
            timeout=ClientTimeout(total=None, sock_connect=30),
            auto_decompress=False,
            skip_auto_headers=_ADDED_BY_THE_CLIENT,
            max_line_size=_HEADER_LIMIT_BYTES,
            max_field_size=_HEADER_LIMIT_BYTES,
        )

    async def close(self) -> None:
        """Let go of its connections."""
        await self._session.close()

    @asynccontextmanager
    async def send(self, request: web.Request) -> AsyncIterator[ClientResponse]:
        """Pass a request on, its body as it comes in; aiohttp.ClientError where nobody answers."""
        async with self._session.request(
            request.method,
            URL(self._endpoint + request.raw_path, encoded=True),
            headers=passed_on(request.raw_headers),
            data=request.content.iter_any() if request.can_read_body else None,
            allow_redirects=False,
        ) as answer:
            yield answer


def passed_on(headers: tuple[tuple[bytes, bytes], ...]) -> list[tuple[str, str]]:
    """Leave out what concerns one connection only."""
    pairs = ((name.decode(), value.decode(errors="surrogateescape")) for name, value in headers)
    return [(name, value) for name, value in pairs if name.lower() not in _BETWEEN_NEIGHBOURS]
