"""The terminal, as every command here uses it."""

import io
import sys

from rich.console import Console


def open_console() -> Console:
    """The standard output; what its encoding lacks, as in a path or the vendor's words, is spelt out, not fatal."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    return Console(emoji=False)  # `:secret:` is a part of an ARN
