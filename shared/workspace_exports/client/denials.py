"""Decoding of a refusal by the vendor's STS, so that the refusal names the missing permission.

Source: the reference page DecodeAuthorizationMessage and the SDK huaweicloudsdksts. The vendor documents the call, but
not the form of the plain text. Only the name of an action is taken from it: the rest may name people and addresses.
"""

import json
import re
from collections.abc import Iterator

import httpx

from workspace_exports.client.answers import Answer, json_document
from workspace_exports.client.regions import endpoint_beside
from workspace_exports.core.errors import ExportError, Unauthorized
from workspace_exports.core.log import logger

_PATH = "/v5/decode-authorization-message"
_LONGEST_MESSAGE = 10_240
_LONGEST_SECONDS = 4.0
_MOST_ACTIONS = 3
_ACTION = re.compile(r"[a-z][A-Za-z0-9-]{1,40}:[A-Za-z0-9]{0,60}:[A-Za-z0-9]{1,60}")
_OURS = re.compile(r"(?<![\w:-])workspace:[A-Za-z0-9]{1,60}:[A-Za-z0-9]{1,60}(?![\w:-])")
_DEEPEST = 8


def explain(error: Unauthorized, encoded: str, http: httpx.Client, endpoint: str, seconds: float) -> None:
    """Add the missing permission to a refusal, if STS decodes the message; otherwise leave the refusal as it is.

    One call, never repeated. It is signed with the credentials that were refused, and they may not be allowed to
    decode.

    Args:
        error: the refusal.
        encoded: the vendor's encoded reason for it.
        http: the client that sent the refused request.
        endpoint: the endpoint of the refused service; STS is beside it.
        seconds: longest time for the call.
    """
    if not 0 < len(encoded) <= _LONGEST_MESSAGE:
        return
    try:
        missing = _missing(_decoded(encoded, http, endpoint, min(seconds, _LONGEST_SECONDS)))
    except (httpx.HTTPError, httpx.InvalidURL, ExportError) as failure:
        logger.info("could not decode the refusal", failure=type(failure).__name__)
        return
    if missing:
        error.what = f"{error.what}: the permission {' or '.join(missing)} is missing"
        error.next_step = f"Grant the user {' and '.join(missing)} on this project."


def _decoded(encoded: str, http: httpx.Client, endpoint: str, seconds: float) -> object:
    """Return the plain text, or the JSON value in it; None for any other answer than a success with one."""
    request = http.build_request(
        "POST",
        f"{endpoint_beside(endpoint, 'sts')}{_PATH}",
        headers={"Content-Type": "application/json"},
        content=json.dumps({"encoded_message": encoded}),
        timeout=httpx.Timeout(seconds),
    )
    response = http.send(request)
    answer = Answer(response.status_code, response.headers, response.content)
    if not answer.is_success or not isinstance(answer.document, dict):
        logger.info("could not decode the refusal", status=answer.status)
        return None
    text = answer.document.get("decoded_message")
    found = json_document(text.encode()) if isinstance(text, str) else text
    return text if found is None else found


def _missing(decoded: object) -> list[str]:
    """Return the actions that the plain text names, without doubles: under `action`, or else those of our service."""
    named = [action for action in _under_action(decoded, _DEEPEST) if _ACTION.fullmatch(action)]
    found = named or _OURS.findall(decoded if isinstance(decoded, str) else json.dumps(decoded))
    return list(dict.fromkeys(found))[:_MOST_ACTIONS]


def _under_action(decoded: object, depth: int, name: str = "") -> Iterator[str]:
    """Yield every text that stands under a name with `action` in it, alone or in a list."""
    if isinstance(decoded, str) and "action" in name.lower():
        yield decoded
    elif isinstance(decoded, list) and depth:
        for item in decoded:
            yield from _under_action(item, depth - 1, name)
    elif isinstance(decoded, dict) and depth:
        for inner, value in decoded.items():
            yield from _under_action(value, depth - 1, inner)
