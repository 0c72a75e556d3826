"""Index of one series' manifests, which are read once and kept by year. Without this cache they are read again."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Self

from pydantic import Field, ValidationError

from workspace_exports.archive.layout import SeriesName, coverage_key
from workspace_exports.archive.manifests import Manifest
from workspace_exports.core.contract import Record, UtcTime
from workspace_exports.core.errors import ArchiveUnavailable
from workspace_exports.core.log import logger
from workspace_exports.storage.store import Store
from workspace_exports.storage.stored_objects import StoredObject


@dataclass(frozen=True, slots=True)
class Landing:
    """Content of one manifest, with the version that it was read from.

    Attributes:
        version: the manifest's ETag, or its time and size where the storage has none; it changes with the manifest.
    """

    version: str
    is_empty: bool
    size_bytes: int
    landed_at: UtcTime
    sha256: str
    task_id: str
    note: str | None = None


class _Year(Record):
    """Landings of one year, by the manifests' names."""

    schema_version: Literal[1] = 1
    manifests: dict[str, Landing] = Field(default_factory=dict)


class CoverageIndex:
    """Index of the manifests of some years of one series, as far as they have been read."""

    def __init__(self, series: SeriesName, years: dict[int, dict[str, Landing]]) -> None:
        self._series = series
        self._years = years
        self._changed: set[int] = set()

    @classmethod
    def read(cls, store: Store, series: SeriesName, years: Iterable[int]) -> Self:
        """Return the index that is kept of those years; empty for a year that is damaged or of another version.

        Raises:
            ArchiveUnavailable: it cannot be read.
        """
        return cls(series, {year: _read(store, coverage_key(series, year)) for year in years})

    def find(self, year: int, manifest: StoredObject) -> Landing | None:
        """Return the listed manifest's landing; None if it has not been read since it was written."""
        found = self._years[year].get(_name(manifest.key))
        return found if found and found.version == _version(manifest) else None

    def note(self, year: int, manifest: StoredObject, content: Manifest) -> None:
        """Add the content of a manifest that has been read."""
        self._years[year][_name(manifest.key)] = Landing(
            version=_version(manifest),
            is_empty=content.outcome == "empty",
            size_bytes=content.size_bytes,
            landed_at=content.landed_at,
            sha256=content.sha256,
            task_id=content.task_id,
            note=content.note,
        )
        self._changed.add(year)

    def save(self, store: Store) -> None:
        """Write the years that have changed. Of two writers the later one wins, and only time is lost.

        A write that fails is logged, and raises nothing.
        """
        try:
            for year in sorted(self._changed):
                content = _Year(manifests=self._years[year]).model_dump_json()
                store.replace(coverage_key(self._series, year), content.encode())
        except ArchiveUnavailable as error:
            logger.warning("coverage index not written", detail=str(error))


def _read(store: Store, key: str) -> dict[str, Landing]:
    content = store.read(key)
    try:
        return {} if content is None else _Year.read(content).manifests
    except ValidationError:
        logger.warning("coverage index not understood", key=key)
        return {}


def _name(key: str) -> str:
    return key.rpartition("/")[2]


def _version(manifest: StoredObject) -> str:
    return manifest.e_tag or f"{manifest.written_at.isoformat()}-{manifest.size_bytes}"
