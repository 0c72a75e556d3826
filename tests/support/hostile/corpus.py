"""Files that are made to hurt whoever reads them, each with the verdict that docs/hostile-files.md documents.

Made by code, in the modules beside this one; nothing of it is kept on disk.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Literal

Make = Callable[[], bytes]

WORKBOOK = "records.xlsx"
TEXT = "records.csv"
ARCHIVE = "records.zip"
OTHER = "records.dat"


@dataclass(frozen=True)
class Lands:
    """It is archived as it is, and its manifest says this format."""

    format: Literal["xlsx", "zip", "csv", "unknown"]


@dataclass(frozen=True)
class Refused:
    """It is a `BadFile` whose text matches; the archive has nothing of it."""

    says: str


Verdict = Lands | Refused


@dataclass(frozen=True)
class HostileFile:
    """One file, and what is to become of it.

    Attributes:
        trick: what is wrong with it.
        file_name: the vendor's.
        verdict: the documented one.
        make: the bytes; the same ones every time.
        variant: tells apart what differs in nothing that matters.
    """

    trick: str
    file_name: str
    verdict: Verdict
    make: Make
    variant: str = ""

    @property
    def extension(self) -> str:
        """Of the vendor's file name."""
        return PurePosixPath(self.file_name).suffix

    @property
    def name(self) -> str:
        """Of this one alone."""
        return f"{self.trick}{self.variant}{self.extension}"


CORPUS: list[HostileFile] = []


def called(file_name: str, verdict: Verdict) -> Callable[[Make], Make]:
    """Puts a maker's file into the corpus, with its verdict under that name; a maker may have several."""

    def add(make: Make) -> Make:
        # Made once for all its names, and then only as long as it is in use: some have several megabytes.
        kept = make if hasattr(make, "cache_info") else lru_cache(make)
        CORPUS.append(HostileFile(make.__name__.replace("_", "-"), file_name, verdict, kept))
        return kept

    return add


def lands(format_: Literal["xlsx", "zip", "csv", "unknown"], *file_names: str) -> Callable[[Make], Make]:
    """Under each of these names it is archived, in that format."""
    return _called_each(file_names or (WORKBOOK,), Lands(format_))


def refused(says: str, *file_names: str) -> Callable[[Make], Make]:
    """Under each of these names it is a `BadFile` that says so."""
    return _called_each(file_names or (WORKBOOK,), Refused(says))


def _called_each(file_names: tuple[str, ...], verdict: Verdict) -> Callable[[Make], Make]:
    def add(make: Make) -> Make:
        for file_name in reversed(file_names):
            make = called(file_name, verdict)(make)
        return make

    return add
