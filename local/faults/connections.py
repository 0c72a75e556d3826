"""What befalls a connection, whatever is spoken over it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Drop:
    """Reset the connection, before the work or after it; after it is the lost answer."""

    after_work: bool


@dataclass(frozen=True)
class Hang:
    """Stay silent for real seconds, then answer; the work is done first or last."""

    seconds: float
    after_work: bool = False


NORMALLY = Hang(0)
"""No fault; takes a place in a script so that a later call is the one to suffer."""

DROP_BEFORE_WORK = Drop(after_work=False)
LOSE_ANSWER = Drop(after_work=True)
