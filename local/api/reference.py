"""The API's reference as one page: Swagger UI as Powertools ships it, with nothing left to load."""

from functools import cache
from pathlib import Path

from aws_lambda_powertools.event_handler.openapi import swagger_ui


def page(document: str) -> str:
    """The HTML page for an OpenAPI document in JSON."""
    script, style = _shipped("swagger-ui-bundle.min.js"), _shipped("swagger-ui.min.css")
    # In JSON the two are the same; in HTML the first would end the script.
    return swagger_ui.generate_swagger_html(document.replace("</", "<\\/"), script, style, "", None)


@cache
def _shipped(name: str) -> str:
    return (Path(swagger_ui.__file__).parent / name).read_text(encoding="utf-8")
