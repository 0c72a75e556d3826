"""How an invocation comes in: directly, from a schedule (the direct form), or over HTTP."""

from workspace_exports.entrypoint.dispatch import Handler, entrypoint
from workspace_exports.entrypoint.recall import recall
from workspace_exports.entrypoint.route import HttpAnswer, HttpCall, Route, as_json, from_body, from_query, retry_after

__all__ = [
    "Handler",
    "HttpAnswer",
    "HttpCall",
    "Route",
    "as_json",
    "entrypoint",
    "from_body",
    "from_query",
    "recall",
    "retry_after",
]
