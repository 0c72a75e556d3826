"""Conversion of an error to one text and back, because a state machine gets only an error's class and a text.

Each part has a line: the problem, the vendor's words, the advice, and the facts in brackets.

    The vendor ended the task with FAIL.
    The vendor says WKS.0042: disk full.
    Order the export again, once.
    [kind=connection-records, window=START/END, task_id=..., request_id=...]
"""

from dataclasses import dataclass
from typing import Self
from unicodedata import category

_SAID = "The vendor says "
_SAID_WITHOUT_CODE = "The vendor says, without a code: "
_FACTS = {
    "kind": "kind",
    "window": "window",
    "task_id": "task_id",
    "request_id": "vendor_request_id",
    "retry_after_seconds": "retry_after_seconds",
}
"""Fields of the facts, by their names in the text.

The last one must stay last: the state machine reads it from the end of the text.
"""


@dataclass(frozen=True, slots=True)
class ErrorText:
    """Parts of an error's text.

    As `read` returns them, `what` and `advice` are whole sentences, and no other part ends in a full stop.
    """

    what: str
    advice: str
    vendor_code: str | None = None
    vendor_reason: str | None = None
    kind: str | None = None
    window: str | None = None
    task_id: str | None = None
    vendor_request_id: str | None = None
    retry_after_seconds: str | None = None

    def __str__(self) -> str:
        """Return the text."""
        facts = {name: getattr(self, field) for name, field in _FACTS.items()}
        known = ", ".join(f"{name}={_one_line(value)}" for name, value in facts.items() if value)
        parts = (
            _sentence(self.what),
            _sentence(self._said) if self._said else "",
            _sentence(self.advice),
            f"[{known}]" if known else "",
        )
        return "\n".join(part for part in parts if part)

    @property
    def _said(self) -> str:
        if self.vendor_code and self.vendor_reason:
            return f"{_SAID}{self.vendor_code}: {self.vendor_reason}"
        if self.vendor_code:
            return f"{_SAID}{self.vendor_code}"
        return f"{_SAID_WITHOUT_CODE}{self.vendor_reason}" if self.vendor_reason else ""

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the parts of the text; a text of another form becomes `what` as a whole."""
        what, *rest = text.split("\n")
        facts = _facts(rest.pop()) if rest and rest[-1].startswith("[") else {}
        match rest:
            case [said, advice] if said.startswith(_SAID.strip()):
                return cls(what, advice, **_words(said), **facts)
            case [advice]:
                return cls(what, advice, **facts)
            case _:
                return cls(text, "")


def _words(said: str) -> dict[str, str]:
    said = said.removesuffix(".") if not said.endswith("...") else said
    if said.startswith(_SAID_WITHOUT_CODE):
        return {"vendor_reason": said.removeprefix(_SAID_WITHOUT_CODE)}
    code, separator, reason = said.removeprefix(_SAID).partition(": ")
    return {"vendor_code": code} | ({"vendor_reason": reason} if separator else {})


def _facts(line: str) -> dict[str, str]:
    pairs = (fact.partition("=") for fact in line.removeprefix("[").removesuffix("]").split(", "))
    return {_FACTS[name]: value for name, _, value in pairs if name in _FACTS}


def _sentence(text: str) -> str:
    line = _one_line(text)
    return line if line.endswith((".", "!", "?")) else f"{line}."


def _one_line(text: str) -> str:
    """Return the text on one line, without the control characters that move a cursor or reverse text."""
    return "".join(" " if category(char).startswith("C") else char for char in " ".join(text.splitlines()))
