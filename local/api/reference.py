"""The API's reference as one page: Swagger UI as Powertools ships it, with nothing left to load."""

import json
from functools import cache
from pathlib import Path

from aws_lambda_powertools.event_handler.openapi import swagger_ui


def description(openapi: Path, url: str) -> str:
    """The OpenAPI document in a file, its API said to be at `url`.

    Raises:
        FileNotFoundError: there is no such file.
    """
    document = json.loads(openapi.read_text(encoding="utf-8"))
    return json.dumps(document | {"servers": [{"url": url}]})


def page(document: str) -> str:
    """The HTML page for an OpenAPI document."""
    script, style = _shipped("swagger-ui-bundle.min.js"), _shipped("swagger-ui.min.css")
    # In JSON the two are the same; in HTML the first would end the script.
    return swagger_ui.generate_swagger_html(document.replace("</", "<\\/"), script, style, "", None)


@cache
def _shipped(name: str) -> str:
    return (Path(swagger_ui.__file__).parent / name).read_text(encoding="utf-8")
