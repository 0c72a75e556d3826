"""Landed and orphaned files of one export, without the handlers."""

import json

from tests.support.builders.examples import Incoming, observed_export, workbook
from workspace_exports.archive.landing import land
from workspace_exports.archive.layout import data_key
from workspace_exports.events import Archived
from workspace_exports.storage.store import Store

BOOK = workbook()


def bring(store: Store, content: bytes = BOOK, **changes: object) -> Archived:
    return land(store, observed_export(**changes), Incoming([content], len(content)))


def key_of(archived: Archived) -> str:
    assert archived.key
    return archived.key


def leave_orphan(store: Store, content: bytes = BOOK, **changes: object) -> str:
    key = data_key(observed_export(**changes), "0000dead", ".xlsx")
    store.write(key, [content])
    return key


def rewrite(store: Store, key: str, /, **changes: object) -> None:
    document = json.loads(store.read(key) or b"") | changes
    store.write(key, [json.dumps(document).encode()])
