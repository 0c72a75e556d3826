"""Check of the archive: it creates one small object, tries it out and removes it."""

from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

from workspace_exports.commands.doctor.check_results import CheckResult, failed, ok
from workspace_exports.commands.doctor.situation import Situation
from workspace_exports.core.errors import ArchiveUnavailable, Misconfigured
from workspace_exports.core.redaction import sanitize_url
from workspace_exports.runtime.settings.storage import ArchiveSettings
from workspace_exports.storage.store import Store

_CONTENT = b'{"made_by": "workspace-exports doctor", "keep": false}'
_OTHER = b'{"made_by": "workspace-exports doctor", "keep": false, "second": true}'
_MAY_S3 = "check the bucket's name, AWS_REGION, and that you may s3:PutObject, s3:GetObject and s3:DeleteObject in it"
_MAY_FOLDER = "check that the folder is yours to write, and its disk not full"
_UNCONDITIONAL = "This storage ignores If-None-Match, so that two runs at once could both win: use one that honours it."


def check_archive(situation: Situation) -> CheckResult:
    """Do with a small object what landing does with an export."""
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


def try_out(store: Store, key: str) -> CheckResult:
    """Try every step on that key, and remove the key in the end, also after an interruption."""
    try:
        result = _tried(store, key)
    finally:
        refusal = _remove(store, key)
    if refusal is None:
        return result
    if result.remedy is None:
        return _refused(store, refusal)
    return replace(result, remedy=f"{result.remedy} If {key} is there, remove it.")


def _tried(store: Store, key: str) -> CheckResult:
    try:
        fault = next((fault for step in _STEPS if (fault := step(store, key))), None)
    except (ArchiveUnavailable, Misconfigured) as error:
        return _refused(store, error)
    return fault or ok(f"{sanitize_url(store.url)} takes, gives back and removes; a second create is refused")


def _refused(store: Store, error: ArchiveUnavailable | Misconfigured) -> CheckResult:
    if error.next_step != ArchiveUnavailable.advice:
        return failed(error.what, f"At {sanitize_url(store.url)}: {error.next_step}")
    return failed(
        error.what, f"At {sanitize_url(store.url)}, {_MAY_S3 if store.url.startswith('s3:') else _MAY_FOLDER}."
    )


def _create(store: Store, key: str) -> CheckResult | None:
    if store.create(key, _CONTENT):
        return None
    return failed("a key that was never used is taken", "Look once more; if it happens again, use another storage.")


def _create_again(store: Store, key: str) -> CheckResult | None:
    """Create the key with other content: a create that finds its own content counts as one whose answer was lost."""
    return failed("the same object could be created twice", _UNCONDITIONAL) if store.create(key, _OTHER) else None


def _overwrite(store: Store, key: str) -> None:
    """Write the object as a stream, as a file from the vendor is written."""
    store.write(key, [_CONTENT])


def _read_back(store: Store, key: str) -> CheckResult | None:
    if store.read(key) == _CONTENT:
        return None
    return failed("what was written does not come back", "Use a storage where a write can be read at once.")


_STEPS: tuple[Callable[[Store, str], CheckResult | None], ...] = (_create, _create_again, _overwrite, _read_back)


def _remove(store: Store, key: str) -> ArchiveUnavailable | None:
    """Remove the object, and return the refusal if it could not be removed."""
    try:
        store.delete(key)
    except ArchiveUnavailable as error:
        return error
    return None
