"""Reasons why a call over HTTP got no answer, with advice about the setting to change."""

import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

import httpx

from workspace_exports.core.errors import VendorUnavailable
from workspace_exports.network.bad_answers import malformed_head
from workspace_exports.network.certificates import VENDOR

_BAD_ANSWER = (
    "Try again later; if it happens again, look for a proxy that changes answers, or show this text to the vendor."
)
PROXIED = "proxied"
"""Name of a request's extension; its value is True for a request through a proxy."""


class Step(Enum):
    """Step of a call at which it failed."""

    PROXY = "proxy"
    NAME = "name"
    TLS = "TLS"
    CONNECTION = "connection"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class ConnectionFailure:
    """Failure of a call that got no answer.

    Attributes:
        step: the step that failed.
        kind: the name of httpx's error.
        host: the host in the request's URL, with its port.
        is_proxied: the call went through a proxy.
    """

    step: Step
    kind: str
    host: str
    is_proxied: bool

    @classmethod
    def of(cls, error: httpx.RequestError) -> "ConnectionFailure":
        """Return the failure behind httpx's error.

        The error's own text is not used, because it may quote a proxy's URL with its password.
        """
        try:
            request = error.request
        except RuntimeError:
            return cls(_step(error), type(error).__name__, "the host", is_proxied=False)
        is_proxied = bool(request.extensions.get(PROXIED))
        return cls(_step(error), type(error).__name__, request.url.netloc.decode(), is_proxied)

    @property
    def first_stop(self) -> str:
        """Host that the connection is opened to. A proxy's URL is not shown, because it may hold a password."""
        return "the proxy in HTTPS_PROXY" if self.is_proxied else self.host

    @property
    def reason(self) -> str:
        """Kind of the failure, with the failed step if the kind alone does not say enough."""
        said = {
            Step.NAME: f"DNS knows no address of {self.first_stop}",
            Step.PROXY: f"the proxy in HTTPS_PROXY does not let through {self.host}",
            Step.TLS: f"no trusted TLS connection to {self.host}",
            Step.CONNECTION: f"no connection to {self.first_stop}" if self.is_proxied else None,
        }.get(self.step)
        return f"{self.kind}: {said}" if said else self.kind

    def advice(self, place: str, trust: tuple[str, ...]) -> str | None:
        """Return the advice about the setting to change; None if only a later retry can help.

        Args:
            place: the setting that the host comes from.
            trust: the variables that may name trusted certificates.
        """
        if self.is_proxied and self.step in (Step.NAME, Step.CONNECTION):
            return "Check HTTPS_PROXY."
        if self.step is Step.NAME:
            return f"Check {place}, and the DNS here."
        if self.step is Step.TLS:
            return f"Where a proxy inspects TLS, set {trust[0]} to its certificates; else check {place}."
        return "Have the proxy let it through, or name it in NO_PROXY." if self.step is Step.PROXY else None


def no_answer(
    error: httpx.RequestError, doing: str, who: str, place: str, trust: tuple[str, ...] = VENDOR
) -> VendorUnavailable:
    """Return the error for a call without an answer.

    Args:
        error: httpx's error.
        doing: the action that failed, such as `look up the project`.
        who: the service that did not answer.
        place: the setting that the host comes from, for the advice.
        trust: the variables that may name trusted certificates.
    """
    if bad := malformed_head(error):
        return VendorUnavailable(f"Could not {doing}: {bad}", advice=_BAD_ANSWER)
    failure = ConnectionFailure.of(error)
    return VendorUnavailable(
        f"Could not {doing}: no answer from {who} ({failure.reason})", advice=failure.advice(place, trust)
    )


def _step(error: httpx.RequestError) -> Step:
    causes = tuple(_causes(error))
    if isinstance(error, httpx.ProxyError):
        return Step.PROXY
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return Step.NAME
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return Step.TLS
    return Step.CONNECTION if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout) else Step.ANSWER


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__
