"""Hostile files, with the verdict on each."""

from tests.hostile import texts, zips
from tests.hostile.corpus import CORPUS, Empty, HostileFile, Lands, Refused

__all__ = ["CORPUS", "Empty", "HostileFile", "Lands", "Refused", "texts", "zips"]
