"""Answers with the coverage: a page for a browser, JSON for a program, 304 if nothing has changed."""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from http import HTTPStatus

from workspace_exports.core.clock import to_wire, utc_now
from workspace_exports.coverage.ledger_record import Coverage
from workspace_exports.runtime import HttpAnswer, HttpCall
from workspace_exports.runtime.settings.base import Settings

PAGE = "text/html"
_ANSWERED_BY_JSON = {"application/json", "application/*", "*/*"}
_GOOD_FOR = timedelta(minutes=1)
_TAG_LENGTH = 32


def represent(coverage: Coverage, call: HttpCall, _: Settings) -> HttpAnswer:
    """Return the representation that the caller prefers; 304 if the caller has it already."""
    is_page = _prefers_page(call.headers.get("accept", ""))
    document = coverage.model_dump_json(exclude_none=True)
    # The page shows the hours that are left, so its tag changes every hour.
    tag = _tag(document, coverage.at, f"page {coverage.at:%Y%m%d%H}" if is_page else "json")
    headers = {
        "ETag": tag,
        "Cache-Control": f"private, {_lifetime(coverage)}",
        "Vary": "Accept, Accept-Encoding",
    }
    if _has(call.headers.get("if-none-match", ""), tag):
        return HttpAnswer(HTTPStatus.NOT_MODIFIED, headers=headers)
    if not is_page:
        return HttpAnswer(HTTPStatus.OK, document, headers=headers)
    from workspace_exports.coverage.page.rendering import CONTENT_SECURITY_POLICY, render  # noqa: PLC0415 - Jinja, for pages only

    policy = {"Content-Security-Policy": CONTENT_SECURITY_POLICY}
    return HttpAnswer(HTTPStatus.OK, render(coverage), f"{PAGE}; charset=utf-8", headers | policy)


def _lifetime(coverage: Coverage) -> str:
    """Return the directive for the caller's cache: up to a minute from the coverage's time.

    An incomplete coverage is not cached, because the next call reads more of the archive.
    """
    if coverage.unread or coverage.cut_short:
        return "no-cache"
    left = _GOOD_FOR - (utc_now() - coverage.at)
    return f"max-age={max(0, int(left.total_seconds()))}"


def _tag(document: str, at: datetime, form: str) -> str:
    """Return a weak tag, which is the same for coverages that differ only in their time."""
    content = document.replace(f'"at":"{to_wire(at)}"', "", 1)
    return f'W/"{hashlib.sha256(f"{form} {content}".encode()).hexdigest()[:_TAG_LENGTH]}"'


def _has(if_none_match: str, tag: str) -> bool:
    known = {one.strip().removeprefix("W/") for one in if_none_match.split(",")}
    return bool(known & {tag.removeprefix("W/"), "*"})


def _prefers_page(accept: str) -> bool:
    """Return whether the caller prefers the page: by quality, then by the order in its header.

    A caller that accepts every type counts as a program.
    """
    for _, name in sorted(_accepted(accept), key=lambda accepted: -accepted[0]):
        if name == PAGE:
            return True
        if name in _ANSWERED_BY_JSON:
            return False
    return False


def _accepted(accept: str) -> Iterator[tuple[float, str]]:
    for media_range in accept.lower().split(","):
        name, *parameters = (part.strip() for part in media_range.split(";"))
        quality = next((one.removeprefix("q=") for one in parameters if one.startswith("q=")), "1")
        if quality.replace(".", "", 1).isascii() and quality.replace(".", "", 1).isdigit() and float(quality):
            yield float(quality), name
