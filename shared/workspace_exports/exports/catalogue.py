"""Catalogue of every export by its kind. A new export needs only a declaration in its family's module."""

from collections.abc import Mapping
from types import MappingProxyType

from workspace_exports.core.errors import Rejected
from workspace_exports.core.nearest import did_you_mean
from workspace_exports.core.redaction import quoted
from workspace_exports.exports.declarations.activity import ACTIVITY_EXPORTS
from workspace_exports.exports.declarations.applications import APPLICATION_EXPORTS
from workspace_exports.exports.declarations.desktops import DESKTOP_EXPORTS
from workspace_exports.exports.declarations.event_lists import EVENT_LISTS
from workspace_exports.exports.declarations.infrastructure import INFRASTRUCTURE_EXPORTS
from workspace_exports.exports.declarations.users import USER_EXPORTS
from workspace_exports.exports.export import Export

EXPORTS: Mapping[str, Export] = MappingProxyType(
    {
        export.kind: export
        for family in (
            ACTIVITY_EXPORTS,
            APPLICATION_EXPORTS,
            DESKTOP_EXPORTS,
            USER_EXPORTS,
            INFRASTRUCTURE_EXPORTS,
            EVENT_LISTS,
        )
        for export in family
    }
)


def find_export(kind: str) -> Export:
    """Return the declaration of one kind.

    Raises:
        Rejected: there is no such kind; the text lists the known kinds.
    """
    try:
        return EXPORTS[kind]
    except KeyError:
        raise Rejected(
            f"kind {quoted(kind)} is not known{did_you_mean(kind, EXPORTS)}: use one of {', '.join(EXPORTS)}"
        ) from None
