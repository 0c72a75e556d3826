"""Entry points of an invocation: direct, from a schedule (in the direct form), or over HTTP."""

from workspace_exports.runtime.dispatch import Handler, entrypoint
from workspace_exports.runtime.route import HttpAnswer, HttpCall, Route, as_json, from_body, from_query, retry_after
from workspace_exports.runtime.task_reference import load_export

__all__ = [
    "Handler",
    "HttpAnswer",
    "HttpCall",
    "Route",
    "as_json",
    "entrypoint",
    "from_body",
    "from_query",
    "load_export",
    "retry_after",
]
