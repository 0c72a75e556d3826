"""Fixtures of the unit tests."""

from tests.support.fixtures.clock import clock

__all__ = ["clock"]
