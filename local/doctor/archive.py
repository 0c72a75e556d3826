"""The check of the archive: one small object of its own, made, tried and removed."""

from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

from local.doctor.findings import Finding, failed, ok
from local.doctor.situation import Situation
from workspace_exports.core.errors import ArchiveUnavailable, Misconfigured
from workspace_exports.core.redaction import sanitize_url
from workspace_exports.runtime.settings.storage import ArchiveSettings
from workspace_exports.storage.store import Store

_CONTENT = b'{"made_by": "make doctor", "keep": false}'
_OTHER = b'{"made_by": "make doctor", "keep": false, "second": true}'
_MAY_S3 = "check the bucket's name, AWS_REGION, and that you may s3:PutObject, s3:GetObject and s3:DeleteObject in it"
_MAY_FOLDER = "check that the folder is yours to write, and its disk not full"
_UNCONDITIONAL = "This storage ignores If-None-Match, so that two runs at once could both win: use one that honours it."


def check_archive(situation: Situation) -> Finding:
    """Does with a small object what landing does with an export."""
    url = situation.archive_url
    if not url:
        return failed(
            "ARCHIVE_URL is not set", "Set ARCHIVE_URL, or give --archive: s3://bucket/prefix or file:///path."
        )
    try:
        store = ArchiveSettings.read({**situation.environment, "ARCHIVE_URL": url}).open_archive()
    except Misconfigured as error:
        return failed(sanitize_url(error.what), error.next_step)
    return try_out(store, f"doctor/{uuid4().hex}.json")


def try_out(store: Store, key: str) -> Finding:
    """Every step on that key, which is removed whatever comes of them, an interruption included."""
    try:
        finding = _tried(store, key)
    finally:
        refusal = _remove(store, key)
    if refusal is None:
        return finding
    if finding.remedy is None:
        return _refused(store, refusal)
    return replace(finding, remedy=f"{finding.remedy} If {key} is there, remove it.")


def _tried(store: Store, key: str) -> Finding:
    try:
        fault = next((fault for step in _STEPS if (fault := step(store, key))), None)
    except (ArchiveUnavailable, Misconfigured) as error:
        return _refused(store, error)
    return fault or ok(f"{sanitize_url(store.url)} takes, gives back and removes; a second create is refused")


def _refused(store: Store, error: ArchiveUnavailable | Misconfigured) -> Finding:
    if error.next_step != ArchiveUnavailable.advice:
        return failed(error.what, f"At {sanitize_url(store.url)}: {error.next_step}")
    return failed(
        error.what, f"At {sanitize_url(store.url)}, {_MAY_S3 if store.url.startswith('s3:') else _MAY_FOLDER}."
    )


def _create(store: Store, key: str) -> Finding | None:
    if store.create(key, _CONTENT):
        return None
    return failed("a key that nobody has used is taken", "Look once more; if it stays so, use another storage.")


def _create_again(store: Store, key: str) -> Finding | None:
    """With other content: a create that finds its own would pass for one whose answer was lost."""
    return failed("the same object could be created twice", _UNCONDITIONAL) if store.create(key, _OTHER) else None


def _overwrite(store: Store, key: str) -> None:
    """Streamed, as a file from the vendor is."""
    store.write(key, [_CONTENT])


def _read_back(store: Store, key: str) -> Finding | None:
    if store.read(key) == _CONTENT:
        return None
    return failed("what was written does not come back", "Use a storage where a write can be read at once.")


_STEPS: tuple[Callable[[Store, str], Finding | None], ...] = (_create, _create_again, _overwrite, _read_back)


def _remove(store: Store, key: str) -> ArchiveUnavailable | None:
    """Why it could not be removed, if so."""
    try:
        store.delete(key)
    except ArchiveUnavailable as error:
        return error
    return None
