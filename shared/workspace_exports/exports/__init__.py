"""Declarations of the vendor's exports: their parameters and their windows."""

from workspace_exports.exports.catalogue import EXPORTS, find_export
from workspace_exports.exports.export import Export
from workspace_exports.exports.parameters import NO_FILTERS, Filters
from workspace_exports.exports.windows import Window, WindowRule

__all__ = ["EXPORTS", "NO_FILTERS", "Export", "Filters", "Window", "WindowRule", "find_export"]
