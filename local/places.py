"""Where an archive is, as people write it in a terminal."""

from pathlib import Path


def archive_url(place: str) -> str:
    """The URL of a folder, given by its path; a URL stays what it is."""
    return place if "://" in place else Path(place).expanduser().resolve().as_uri()
