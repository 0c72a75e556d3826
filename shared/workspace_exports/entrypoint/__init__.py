"""How an invocation comes in: directly, from a schedule (the direct form), or over HTTP."""

from workspace_exports.entrypoint.dispatch import Handler, entrypoint
from workspace_exports.entrypoint.route import Route

__all__ = ["Handler", "Route", "entrypoint"]
