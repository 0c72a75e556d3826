"""Fixtures of the unit tests, which run in one process and open no socket."""

import socket

import pytest

from tests.support.fixtures.clock import clock


@pytest.fixture(autouse=True)
def no_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection and every listener; what needs one belongs to tests/integration."""

    def refuse(self: socket.socket, *_: object) -> None:
        raise AssertionError("a unit test opened a socket")

    for call in ("bind", "connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, call, refuse)


__all__ = ["clock"]
