"""Hostile files, with the verdict on each."""

from tests.hostile import texts, zips
from tests.hostile.corpus import CORPUS, HostileFile, Lands, Refused

__all__ = ["CORPUS", "HostileFile", "Lands", "Refused", "texts", "zips"]
