"""Session of one command: its settings, its outputs, and the archive it works on."""

import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import typer
from rich.console import Console

from workspace_exports.commands.command_settings import CommandSettings
from workspace_exports.core.errors import Misconfigured
from workspace_exports.storage.store import Store, open_store

ARCHIVE_URL = "ARCHIVE_URL"


@dataclass(frozen=True, slots=True)
class Session:
    """Session of one command.

    Attributes:
        environment: the settings by name: the environment, and below it the configuration file.
        output: the answer.
        errors: everything else.
    """

    environment: Mapping[str, str]
    output: Console
    errors: Console

    def environment_for(self, place: str | None) -> dict[str, str]:
        """Return the settings with the archive at that place, a folder's path or a URL; without one, as they are.

        A path is for the command line only: a setting that is no URL may be a secret in the wrong place.
        """
        return dict(self.environment) | ({ARCHIVE_URL: archive_url(place)} if place else {})

    def settings(self, place: str | None = None) -> CommandSettings:
        """Return all settings, with the archive at that place.

        Raises:
            Misconfigured: a setting is missing, wrong or misspelt.
        """
        return CommandSettings.read(self.environment_for(place))

    def existing_archive(self, place: str | None) -> Store:
        """Open an archive that must be there; a look at it makes no folder.

        Raises:
            Misconfigured: no archive is named, or there is none.
        """
        url = self.environment_for(place).get(ARCHIVE_URL)
        if not url:
            raise Misconfigured("No archive is named", advice="Set ARCHIVE_URL, or give --archive.")
        parts = urlsplit(url)
        if parts.scheme == "file" and not Path(unquote(parts.path)).is_dir():
            raise Misconfigured(f"There is no folder {unquote(parts.path)}", advice="Check the path.")
        return open_store(url)


def session_of(context: typer.Context) -> Session:
    """Return the session that the program has begun for the command."""
    session: Session = context.obj
    return session


def archive_url(place: str) -> str:
    """Return the URL of a folder that is given by its path; a URL stays as it is."""
    return place if "://" in place else Path(place).expanduser().resolve().as_uri()


@contextmanager
def log_shown(*, verbose: bool) -> Iterator[None]:
    """Write the log of the use cases to standard error, as JSON lines; without `verbose`, nowhere."""
    log = logging.getLogger("workspace-exports")
    level, handlers = log.level, list(log.handlers)
    if verbose:
        shown = logging.StreamHandler(sys.stderr)
        shown.setFormatter(handlers[0].formatter if handlers else None)
        log.handlers[:] = [shown]
    else:
        log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(level)
        log.handlers[:] = handlers
