"""Probe of a stream of newline-delimited JSON, piece by piece while the stream goes by."""

import json

_LONGEST_LINE_BYTES = 8 * 1024 * 1024


class LineProbe:
    """Reading of a stream as lines, each a JSON object, in memory for one line.

    Attributes:
        problem: the first fault found so far; None if there is none.
    """

    def __init__(self) -> None:
        self._number = 0
        self._rest = b""
        self.problem: str | None = None

    def feed(self, chunk: bytes) -> None:
        """Read the next piece of the stream."""
        if self.problem:
            return
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            self._check(line)
        if len(self._rest) > _LONGEST_LINE_BYTES:
            self._report("is too long for a row")

    def end(self) -> str | None:
        """Return the first fault of the whole stream; None if it is newline-delimited JSON."""
        if self._rest:
            self._report("has no end: the file was cut short")
        return self.problem

    def _check(self, line: bytes) -> None:
        self._number += 1
        try:
            is_object = isinstance(json.loads(line), dict)
        except (ValueError, RecursionError):
            is_object = False
        if not is_object:
            self._report("is no JSON object", ended=True)

    def _report(self, fault: str, *, ended: bool = False) -> None:
        number = self._number if ended else self._number + 1
        self.problem = self.problem or f"Line {number} {fault}"
