"""Hostile files, with the verdict on each."""

from tests.support.hostile import texts, zips
from tests.support.hostile.corpus import CORPUS, HostileFile, Lands, Refused

__all__ = ["CORPUS", "HostileFile", "Lands", "Refused", "texts", "zips"]
