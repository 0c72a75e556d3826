"""What the demo's vendor does wrong, as a user asks for it: `FAULTS="30% throttled lost-answer"`."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from local.standin.faults.catalogue import FAULTS, Course
from local.standin.faults.mishaps import Revoke
from workspace_exports.core.nearest import did_you_mean

DEFAULT_PERCENT = 20.0
_MOST_PERCENT = 50.0
_RATE = re.compile(r"(\d{1,3}(?:\.\d+)?)%")

_OUTLASTS = {"throttled-for-an-hour"}
"""The workflow waits as long as the vendor asks."""
_OFFERED = {
    name: named
    for name, named in FAULTS.items()
    # A key that signs, as in the demo, has no token to lose.
    if named.course is not Course.LASTS and not isinstance(named.fault, Revoke) and name not in _OUTLASTS
}
_PASSING = tuple(name for name, named in _OFFERED.items() if named.course is Course.PASSES)


@dataclass(frozen=True, slots=True)
class Faults:
    """How many calls to the vendor fail, of 1, and in which ways; by default none does."""

    rate: float = 0.0
    names: Collection[str] = ()


def parse_faults(text: str) -> Faults:
    """What a user asks for: a rate in percent, names of faults, or both, between blanks or commas.

    Without names, all faults that pass by themselves; without a rate, 20 %.

    Raises:
        ValueError: says what to change.
    """
    words = text.replace(",", " ").split()
    rates = [word for word in words if _RATE.fullmatch(word)]
    names = [word for word in words if word not in rates]
    if not words:
        raise ValueError("give a rate like 20%, names of faults, or both; FAULTS=help lists the names")
    if len(rates) > 1:
        raise ValueError(f"{' and '.join(rates)} are two rates: give one, which holds for all names")
    _check_names(names)
    percent = float(rates[0].removesuffix("%")) if rates else DEFAULT_PERCENT
    if not 0 < percent <= _MOST_PERCENT:
        raise ValueError(f"{rates[0]} is no rate for a demo: give more than 0% and at most {_MOST_PERCENT:g}%")
    return Faults(percent / 100, tuple(dict.fromkeys(names)) or _PASSING)


def _check_names(names: Collection[str]) -> None:
    for name in names:
        if name in FAULTS and name not in _OFFERED:
            raise ValueError(f"{name} is not offered here: it would outlast the demo, or could not be seen in it")
        if name not in _OFFERED:
            raise ValueError(
                f"no fault is called {name!r}{did_you_mean(name, _OFFERED)}; "
                "FAULTS=help lists the names, a rate is written like 20%"
            )


def faults_help() -> Iterator[str]:
    """What there is to ask for, line by line."""
    yield f'FAULTS="RATE% NAME ..." has so many calls meet one of these; {DEFAULT_PERCENT:g}% unless given.'
    yield f"FAULTS={DEFAULT_PERCENT:g}% throws all that pass."
    for course, ending in (
        (Course.PASSES, "These pass, and everything is archived all the same"),
        (Course.FAILS, "These may end an export: the report says so, and the exit code is 1"),
    ):
        yield f"{ending}:"
        for name, named in _OFFERED.items():
            if named.course is course:
                yield f"  {name:<24}{named.says}"


def tally(thrown: Mapping[str, int], calls: int) -> Iterator[str]:
    """What was thrown, line by line, the most frequent first."""
    yield f"Thrown at {calls} calls to the vendor: {sum(thrown.values())} faults"
    for name, count in sorted(thrown.items(), key=lambda item: (-item[1], item[0])):
        yield f"  {count:>3}  {name:<24}{FAULTS[name].says}"
