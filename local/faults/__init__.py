"""Misfortune as data: what can befall a call to any service, in which order, or by which dice.

The vendor's stand-in and the storage that misbehaves add what only they can suffer.
"""

from local.faults.connections import DROP_BEFORE_WORK, LOSE_ANSWER, NORMALLY, Drop, Hang
from local.faults.script import Dice, Script

__all__ = ["DROP_BEFORE_WORK", "LOSE_ANSWER", "NORMALLY", "Dice", "Drop", "Hang", "Script"]
