"""What an error says, as one text and back: between a function and a state machine, an error is its class and a text.

One part a line: what went wrong, what the vendor says, what to do, and in brackets what it is about.

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
"""By the names in the text. The last one stays last: the state machine reads it from the end of the text."""


@dataclass(frozen=True, slots=True)
class ErrorText:
    """The parts; as read back, `what` and `advice` are whole sentences and no other part ends in a full stop."""

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
        """The text."""
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
        """The parts of such a text; of any other text, what it says is what went wrong."""
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
    """What moves a terminal or turns a text round has no place in an error either."""
    return "".join(" " if category(char).startswith("C") else char for char in " ".join(text.splitlines()))
