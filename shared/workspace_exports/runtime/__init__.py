"""How an invocation comes in: directly, from a schedule (the direct form), or over HTTP."""

from workspace_exports.runtime.dispatch import Handler, entrypoint
from workspace_exports.runtime.recall import recall
from workspace_exports.runtime.route import HttpAnswer, HttpCall, Route, as_json, from_body, from_query, retry_after

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
