"""How an invocation comes in: directly, from a schedule (the direct form), or over HTTP."""

from workspace_exports.entrypoint.dispatch import Handler, entrypoint
from workspace_exports.entrypoint.recall import recall
from workspace_exports.entrypoint.route import Route, retry_after

__all__ = ["Handler", "Route", "entrypoint", "recall", "retry_after"]
