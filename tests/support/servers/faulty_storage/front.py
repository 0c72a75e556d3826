"""One call from its first byte to its answer: note it, suffer the fault, pass it on, answer."""

import asyncio
import socket
import struct
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import ClientError, ClientResponse, web

from local.faults.connections import NORMALLY, Drop, Hang
from local.faults.ledger import Ledger
from local.faults.script import Script
from tests.support.servers.faulty_storage.faults import Answer, CutOff, CutShort, Fault, Garble, Reset, Stale
from tests.support.servers.faulty_storage.holding import Hold
from tests.support.servers.faulty_storage.listing import Written, without
from tests.support.servers.faulty_storage.operations import WRITES, operation_of
from tests.support.servers.faulty_storage.requests import Passed
from tests.support.servers.faulty_storage.upstream import Upstream, passed_on

_AT_ONCE = struct.pack("ii", 1, 0)
_OK = 200
_MULTIPLE_CHOICES = 300
_HELD = Hang(3600, after_work=True)
_FLIPPED = bytes(255 - byte for byte in range(256))


@dataclass(frozen=True, kw_only=True)
class Front:
    """What stands between the caller and the storage behind."""

    upstream: Upstream
    script: Script[Fault]
    ledger: Ledger[Passed]
    hold: Hold
    written: Written = field(default_factory=Written)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one request."""
        call = _Call(self, request)
        held = call.operation in WRITES and self.hold.takes(request.raw_path)
        try:
            return await call.suffer(_HELD if held else self.script.next(call.operation) or NORMALLY)
        except ClientError:
            return call.reset()


class _Call:
    """One request on its way."""

    def __init__(self, front: Front, request: web.Request) -> None:
        headers = {name.decode().lower(): value.decode(errors="replace") for name, value in request.raw_headers}
        self.operation = operation_of(request.method, request.raw_path.partition("?")[2], headers)
        self._front, self._request, self._id = front, request, uuid.uuid4().hex
        front.ledger.open(
            self._id, Passed(operation=self.operation, method=request.method, path=request.raw_path, headers=headers)
        )

    async def suffer(self, fault: Fault) -> web.StreamResponse:
        """Do what the fault leaves of the work."""
        match fault:
            case Answer():
                return await self._answer(fault)
            case Drop(after_work=after_work):
                if after_work:
                    await self._work_unheard()
                return self.reset()
            case Reset(after_work=after_work):
                if after_work:
                    await self._work_unheard()
                self._linger_not()
                return self.reset()
            case Hang(after_work=False):
                await asyncio.sleep(fault.seconds)
                return await self._work(NORMALLY)
            case _:
                return await self._work(fault)

    def reset(self) -> web.StreamResponse:
        """Cut the connection; the library wants an answer all the same, and finds nobody to send it to."""
        if self._request.transport is not None:
            self._request.transport.abort()
        return web.Response(status=500)

    def _linger_not(self) -> None:
        """Closing resets from now on."""
        if self._request.transport is not None:
            connection = self._request.transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)

    async def _answer(self, fault: Answer) -> web.StreamResponse:
        """Answer once all has come, as a caller that is still sending may not hear it."""
        async for _ in self._request.content.iter_any():
            pass
        self._front.ledger.close(self._id, fault.status)
        body = b"" if self._request.method == "HEAD" else fault.body
        return web.Response(status=fault.status, headers=fault.headers, body=body)

    async def _work_unheard(self) -> None:
        async with self._sent() as answer:
            await answer.read()

    async def _work(self, fault: Fault) -> web.StreamResponse:
        async with self._sent() as answer:
            match fault:
                case Hang():
                    if fault is _HELD:
                        self._front.hold.is_on.set()
                    await asyncio.sleep(fault.seconds)
                case Stale():
                    return await self._whole(answer, self._without_the_last(await answer.read(), fault))
                case CutShort():
                    return await self._whole(answer, (await answer.read())[: fault.keep_bytes])
                case CutOff():
                    return await self._broken_off(answer, fault.keep_bytes)
            return await self._streamed(answer, garbled=isinstance(fault, Garble))

    @asynccontextmanager
    async def _sent(self) -> AsyncIterator[ClientResponse]:
        """The answer of the storage behind; once there is one, a write is done, whoever hears of it."""
        async with self._front.upstream.send(self._request) as answer:
            if self.operation in WRITES and _OK <= answer.status < _MULTIPLE_CHOICES:
                self._front.written.add(self._request.raw_path.partition("?")[0])
            yield answer

    def _without_the_last(self, listing: bytes, stale: Stale) -> bytes:
        """Where the host names the bucket, there is none in the path."""
        bucket = self._request.raw_path.partition("?")[0].strip("/")
        return without(listing, self._front.written.last(stale.unseen), f"{bucket}/" if bucket else "")

    def _begun(self, answer: ClientResponse) -> web.StreamResponse:
        self._front.ledger.close(self._id, answer.status)
        response = web.StreamResponse(status=answer.status, reason=answer.reason)
        for name, value in passed_on(answer.raw_headers):
            response.headers.add(name, value)
        return response

    async def _streamed(self, answer: ClientResponse, *, garbled: bool) -> web.StreamResponse:
        response = self._begun(answer)
        await response.prepare(self._request)
        async for chunk in answer.content.iter_any():
            await response.write(chunk.translate(_FLIPPED) if garbled else chunk)
        await response.write_eof()
        return response

    async def _whole(self, answer: ClientResponse, body: bytes) -> web.StreamResponse:
        response = self._begun(answer)
        response.content_length = len(body)
        await response.prepare(self._request)
        await response.write(body)
        await response.write_eof()
        return response

    async def _broken_off(self, answer: ClientResponse, keep_bytes: int) -> web.StreamResponse:
        body = await answer.read()
        response = self._begun(answer)
        response.content_length = len(body)
        await response.prepare(self._request)
        await response.write(body[: min(keep_bytes, len(body) - 1)])
        await _flushed(self._request)
        return self.reset()


async def _flushed(request: web.Request) -> None:
    """Wait until the kernel has what was written: what an abort finds in the buffer is lost."""
    transport = request.transport
    while isinstance(transport, asyncio.Transport) and transport.get_write_buffer_size():  # noqa: ASYNC110 - a transport offers no event
        await asyncio.sleep(0)
