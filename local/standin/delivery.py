"""Putting answers on the wire, whole or broken."""

import asyncio
import socket
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from aiohttp import web

from local.standin.faults.mishaps import Drip, Misstate, Prolong, Truncate
from local.standin.messages import Answer, FileSlice

_CHUNK = 1 << 16
_BUFFER_POLL_SECONDS = 0.001
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)

Broken = Truncate | Drip | Prolong | Misstate
"""What is wrong with the way an answer is sent, the answer itself being right."""


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


async def deliver_broken(request: web.Request, answer: Answer, fault: Broken) -> web.Response:
    """Send an answer as the fault has it, then close."""
    wire = _Wire(_transport(request))
    match fault:
        case Truncate():
            await _cut(wire, answer, fault)
            if fault.reset:
                return reset(request)
        case Drip():
            await _drip(wire, answer, fault)
        case Prolong():
            await _prolong(wire, answer, fault)
        case Misstate():
            wire.head(_misstated(answer, fault), {"Content-Length": str(_length(answer.body))})
            await wire.body(answer.body)
    wire.transport.close()
    return _closed()


def reset(request: web.Request) -> web.Response:
    """Break the connection off so that the client sees a reset and not a polite end."""
    transport = _transport(request)
    peer = transport.get_extra_info("socket")
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    transport.abort()
    return _closed()


@dataclass(frozen=True)
class _Wire:
    """A connection written to by hand, because no correct server library breaks its promises."""

    transport: asyncio.Transport

    def head(self, answer: Answer, framing: Mapping[str, str]) -> None:
        self.transport.write(_head(answer, framing))

    async def body(self, body: bytes | FileSlice, *, chunked: bool = False) -> None:
        for chunk in _chunks(body):
            await self.write(_as_chunk(chunk) if chunked else chunk)

    async def write(self, content: bytes) -> None:
        """Write, then wait for a slow reader; a raw transport would buffer the whole file."""
        self.transport.write(content)
        while self.transport.get_write_buffer_size() > _CHUNK and not self.transport.is_closing():  # noqa: ASYNC110 - a transport offers no event
            await asyncio.sleep(_BUFFER_POLL_SECONDS)


async def _cut(wire: _Wire, answer: Answer, cut: Truncate) -> None:
    first = _first(answer.body, cut.keep_bytes)
    if cut.ranged:
        wire.head(replace(answer, status=206), _part_of(answer.body, _length(first)))
    else:
        declared = {"Content-Length": str(_length(answer.body))} if cut.declared else {}
        wire.head(answer, {"Transfer-Encoding": "chunked"} if cut.chunked else declared)
    await wire.body(first, chunked=cut.chunked)
    await asyncio.sleep(cut.silent_seconds)


async def _drip(wire: _Wire, answer: Answer, drip: Drip) -> None:
    head = _head(answer, {"Content-Length": str(_length(answer.body))})
    if not drip.head:
        await wire.write(head)
    for content in ([head] if drip.head else []), _chunks(answer.body):
        for chunk in content:
            for place in range(0, len(chunk), drip.bytes_at_a_time):
                await asyncio.sleep(drip.pause_seconds)
                await wire.write(chunk[place : place + drip.bytes_at_a_time])


async def _prolong(wire: _Wire, answer: Answer, fault: Prolong) -> None:
    if fault.times is None:
        wire.head(answer, {"Transfer-Encoding": "chunked"})
        await wire.body(answer.body, chunked=True)
        while not wire.transport.is_closing():
            await wire.write(_as_chunk(fault.junk))
            await asyncio.sleep(0)
        return
    more = len(fault.junk) * fault.times
    wire.head(answer, {"Content-Length": str(_length(answer.body) + (more if fault.counted else 0))})
    await wire.body(answer.body)
    for _ in range(fault.times):
        await wire.write(fault.junk)


def _head(answer: Answer, framing: Mapping[str, str]) -> bytes:
    headers = {**answer.headers, **framing, "Connection": "close"}
    lines = [f"HTTP/1.1 {answer.status} OK", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode()


def _part_of(body: bytes | FileSlice, count: int) -> dict[str, str]:
    return {"Content-Length": str(count), "Content-Range": f"bytes 0-{count - 1}/{_length(body)}"}


def _misstated(answer: Answer, fault: Misstate) -> Answer:
    named = {name.lower() for name in fault.headers}
    kept = {name: value for name, value in answer.headers.items() if name.lower() not in named}
    stated = {name: value for name, value in fault.headers.items() if value}
    return replace(answer, status=fault.status or answer.status, headers={**kept, **stated})


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


def _length(body: bytes | FileSlice) -> int:
    return len(body) if isinstance(body, bytes) else body.length


def _first(body: bytes | FileSlice, count: int) -> bytes | FileSlice:
    return body[:count] if isinstance(body, bytes) else replace(body, length=min(count, body.length))


def _chunks(body: bytes | FileSlice) -> Iterator[bytes]:
    if isinstance(body, bytes):
        yield from [body] if body else []
        return
    with body.path.open("rb") as file:
        file.seek(body.offset)
        left = body.length
        while left > 0 and (chunk := file.read(min(_CHUNK, left))):
            left -= len(chunk)
            yield chunk
