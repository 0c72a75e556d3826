"""The HTTP API's description in OpenAPI 3.1, written from the routes, the contracts and the exports' declarations."""

from local.openapi.document import DOCUMENT, describe

__all__ = ["DOCUMENT", "describe"]
