"""The terminal of the commands here: the product's own."""

from workspace_exports.commands.terminal import open_console

__all__ = ["open_console"]
