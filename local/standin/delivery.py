"""Putting answers on the wire, whole or broken."""

import asyncio
import socket
import struct
from collections.abc import Iterator
from dataclasses import replace

from aiohttp import web

from local.standin.faults import Truncate
from local.standin.messages import Answer, FileSlice

_CHUNK = 1 << 16
_BUFFER_POLL_SECONDS = 0.001
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


async def deliver(request: web.Request, answer: Answer) -> web.StreamResponse:
    """Send an answer in full."""
    if isinstance(answer.body, bytes):
        return web.Response(status=answer.status, headers=answer.headers, body=answer.body)
    response = web.StreamResponse(status=answer.status, headers=answer.headers)
    response.content_length = answer.body.length
    await response.prepare(request)
    for chunk in _chunks(answer.body):
        await response.write(chunk)
    return response


async def deliver_cut(request: web.Request, answer: Answer, cut: Truncate) -> web.Response:
    """Send the head and the first bytes of a file, then close.

    The head is written by hand, because no correct server library sends a body without a length and unchunked.
    """
    if isinstance(answer.body, bytes):
        raise TypeError("only a file can be cut")
    headers = {**answer.headers, "Connection": "close"}
    if cut.chunked:
        headers["Transfer-Encoding"] = "chunked"
    elif cut.declared:
        headers["Content-Length"] = str(answer.body.length)
    lines = [f"HTTP/1.1 {answer.status} OK", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    transport = _transport(request)
    transport.write("\r\n".join(lines).encode())
    for chunk in _chunks(replace(answer.body, length=min(cut.keep_bytes, answer.body.length))):
        await _write_calmly(transport, _as_chunk(chunk) if cut.chunked else chunk)
    await asyncio.sleep(cut.silent_seconds)
    if cut.reset:
        return reset(request)
    transport.close()
    return _closed()


def reset(request: web.Request) -> web.Response:
    """Break the connection off so that the client sees a reset and not a polite end."""
    transport = _transport(request)
    peer = transport.get_extra_info("socket")
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    transport.abort()
    return _closed()


def _as_chunk(content: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(content), content)


def _closed() -> web.Response:
    """Give the library its return value; it finds the connection gone and sends nothing."""
    return web.Response(status=500)


def _transport(request: web.Request) -> asyncio.Transport:
    transport = request.transport
    if not isinstance(transport, asyncio.Transport):
        raise ConnectionResetError("the client has gone")
    return transport


async def _write_calmly(transport: asyncio.Transport, chunk: bytes) -> None:
    """Write, then wait for a slow reader; a raw transport would buffer the whole file."""
    transport.write(chunk)
    while transport.get_write_buffer_size() > _CHUNK and not transport.is_closing():  # noqa: ASYNC110 - a transport offers no event
        await asyncio.sleep(_BUFFER_POLL_SECONDS)


def _chunks(part: FileSlice) -> Iterator[bytes]:
    with part.path.open("rb") as file:
        file.seek(part.offset)
        left = part.length
        while left > 0 and (chunk := file.read(min(_CHUNK, left))):
            left -= len(chunk)
            yield chunk
