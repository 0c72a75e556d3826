"""One call from its first byte to its answer: record, admit, suffer the scripted fault, work, answer."""

import asyncio
import json
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from http import HTTPStatus

# aiohttp: a fault needs the transport itself, such as a reset before or after the work. Test servers hide it.
from aiohttp import web

from local.faults.connections import NORMALLY, Drop, Hang
from local.faults.ledger import Ledger
from local.faults.script import Script
from local.standin.clock import Clock
from local.standin.delivery import Broken, deliver, deliver_broken, reset
from local.standin.faults.mishaps import (
    Arrivals,
    Drip,
    Fault,
    Misstate,
    Prolong,
    Replace,
    Revoke,
    Rewrite,
    Skew,
    Truncate,
)
from local.standin.gate import Gate
from local.standin.ledger import RecordedCall, record
from local.standin.messages import Answer, Call
from local.standin.operations import TOKENS
from local.standin.quota import Turnstile
from local.standin.refusals import RefusalError, clock_skew, denied, no_such_api, stale_token, too_large
from local.standin.routes import Route, find_route
from local.standin.service import Service
from local.standin.tasks import ORDINARY, Fate
from local.standin.verification import CLOCK_TOLERANCE


@dataclass(frozen=True, kw_only=True)
class Front:
    """The only part that knows both HTTP and the vendor."""

    gate: Gate
    turnstile: Turnstile | None
    turnstiles_of_classes: Mapping[str, Turnstile]
    denied_actions: Collection[str]
    script: Script[Fault]
    service: Service
    ledger: Ledger[RecordedCall]
    clock: Clock

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one request."""
        request_id, body = uuid.uuid4().hex, await _body(request)
        call = _call(request, body or b"")
        route = find_route(call)
        name, now = route.operation.name if route else None, self.clock()
        self.ledger.open(request_id, record(call, request_id=request_id, operation=name, received_at=now))
        try:
            if body is None:
                raise too_large()
            if route is None:
                raise no_such_api()
            self._admit(route, call, now)
        except RefusalError as refusal:
            return await self._send(request, refusal.answer(request_id), request_id)
        work = _Work(self.service, route, call, request_id)
        return await self._suffer(self.script.next(route.operation.name) or NORMALLY, request, work)

    def _admit(self, route: Route, call: Call, now: datetime) -> None:
        if route.operation is not TOKENS:
            self.gate.admit(call, route.places.get("project_id"))
        action = route.operation.action
        if action in self.denied_actions:
            raise denied(str(action), "user:the-archive")
        for turnstile in (self.turnstile, self.turnstiles_of_classes.get(route.operation.limit_class or "")):
            if turnstile and "project_id" in route.places:
                turnstile.admit(route.places["project_id"], now)

    async def _suffer(self, fault: Fault, request: web.Request, work: "_Work") -> web.StreamResponse:
        match fault:
            case Drop():
                if fault.after_work:
                    await work.done()
                return reset(request)
            case Truncate() | Drip() | Prolong() | Misstate():
                return await self._send_broken(request, await work.done(), work.request_id, fault)
            case _:
                return await self._send(request, await _answered(fault, work), work.request_id)

    async def _send(self, request: web.Request, answer: Answer, request_id: str) -> web.StreamResponse:
        self.ledger.close(request_id, answer.status)
        return await deliver(request, self._finished(answer, request_id))

    async def _send_broken(
        self, request: web.Request, answer: Answer, request_id: str, fault: Broken
    ) -> web.StreamResponse:
        self.ledger.close(request_id, answer.status)
        return await deliver_broken(request, self._finished(answer, request_id), fault)

    def _finished(self, answer: Answer, request_id: str) -> Answer:
        """Add what every answer carries; the date is the stand-in's own, since a client may measure its skew by it."""
        common = {
            "Date": format_datetime(self.clock(), usegmt=True),
            "Server": "vendor-stand-in",
            "X-Request-Id": request_id,
        }
        return replace(answer, headers=_merged(common, answer.headers))


@dataclass(frozen=True)
class _Work:
    service: Service
    route: Route
    call: Call
    request_id: str

    async def done(self, fate: Fate = ORDINARY) -> Answer:
        """Do the work; a refusal is an answer too."""
        try:
            return await self.service.answer(self.route, self.call, fate)
        except RefusalError as refusal:
            return refusal.answer(self.request_id)

    async def done_after(self, change: Replace | Revoke | Arrivals) -> Answer:
        """Do the work in a world that has just changed."""
        match change:
            case Replace():
                self.service.replace(self.route, change)
            case Arrivals():
                self.service.crowd(self.route, self.call, change)
            case Revoke():
                if token := self.call.header("X-Auth-Token"):
                    self.service.tokens.revoke(token)
                    return stale_token().answer(self.request_id)
        return await self.done()


async def _answered(fault: Answer | Hang | Rewrite | Skew | Replace | Revoke | Arrivals | Fate, work: _Work) -> Answer:
    match fault:
        case Answer():
            return fault
        case Hang():
            return await _done_around(fault, work)
        case Rewrite():
            return _rewritten(await work.done(), fault)
        case Skew():
            return _skewed(work, fault)
        case Replace() | Revoke() | Arrivals():
            return await work.done_after(fault)
        case Fate():
            return await work.done(fault)


async def _done_around(hang: Hang, work: _Work) -> Answer:
    """Do the work after the silence, where a client that hung up prevents it, or before, where nothing can."""
    if hang.after_work:
        answer = await work.done()
        await asyncio.sleep(hang.seconds)
        return answer
    await asyncio.sleep(hang.seconds)
    return await work.done()


def _rewritten(answer: Answer, fault: Rewrite) -> Answer:
    """Only what there is of JSON can be written anew: a refusal as it is, and nothing for an empty body."""
    if answer.status >= HTTPStatus.BAD_REQUEST or not isinstance(answer.body, bytes) or not answer.body:
        return answer
    return replace(answer, body=json.dumps(fault.change(json.loads(answer.body))).encode())


def _skewed(work: _Work, fault: Skew) -> Answer:
    refused = clock_skew(CLOCK_TOLERANCE).answer(work.request_id)
    date = format_datetime(work.service.tasks.clock() + timedelta(seconds=fault.seconds), usegmt=True)
    return replace(refused, headers={**refused.headers, "Date": date})


def _merged(common: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """Let an answer's own headers win, whatever their case."""
    named = {name.lower() for name in own}
    return {**{name: value for name, value in common.items() if name.lower() not in named}, **own}


async def _body(request: web.Request) -> bytes | None:
    """Answer the body, or None when it is beyond the gateway's limit."""
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge:
        return None


def _call(request: web.Request, body: bytes) -> Call:
    """Take the target and the headers byte for byte, since they are what was signed."""
    return Call(
        method=request.method,
        target=request.raw_path,
        headers=tuple((name.decode(), value.decode(errors="replace")) for name, value in request.raw_headers),
        body=body,
    )
