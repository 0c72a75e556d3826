"""Names that the storage library cannot express, or that are none of ours (developmentseed/obstore#429,
archivematica/Issues#214): planning, a run, its report, the ledger, a verification and a sweep go on and name them.
"""

import io
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from functions.report_archive import app as report_archive
from functions.show_coverage import app as show_coverage
from local.standin.accounts import DEMO_PROJECT_ID
from tests.support.builders.requests import DAY, RECORDS
from tests.support.commands import run
from tests.support.fixtures.handlers import Call
from tests.support.lambda_context import CONTEXT
from workspace_exports.core.errors import Misconfigured
from workspace_exports.storage.store import Store

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SERIES = f"kind=connection-records/project_id={DEMO_PROJECT_ID}"
MANIFESTS = f"manifests/{SERIES}"
DATA = f"data/{SERIES}"
MANIFEST = f"{MANIFESTS}/day={DAY}.json"
ONE_DAY = {"kinds": ["connection-records"], "first_day": DAY, "last_day": DAY}


@dataclass
class Stage:
    """An archive with a stray in it, and what is done with it."""

    url: str
    start: Call
    poll: Call
    fetch: Call
    plan: Call
    capsys: pytest.CaptureFixture[str]
    log: io.StringIO

    def run(self) -> None:
        """All that a day's run does with the archive, and the ledger after it."""
        run = self.plan(**ONE_DAY)
        assert run["planned"] == 1
        assert self.fetch(**self.poll(**self.start(**RECORDS)))["archived"]["outcome"] == "landed"
        assert self.plan(**ONE_DAY)["planned"] == 0
        assert report_archive.handler({"run": run["run"]}, CONTEXT)["status"] == "complete"
        told = show_coverage.handler({"first_day": DAY, "last_day": DAY}, CONTEXT)
        assert (told["totals"]["archived"], told["totals"]["missing"]) == (1, 0)

    def looked_after(self, *command: str) -> list[str]:
        """The names that a command calls foreign; it finds no fault."""
        self.capsys.readouterr()
        assert run(*command, "--archive", self.url, "--json") == 0
        rows = json.loads(self.capsys.readouterr().out)["findings"]
        return [row["key"] for row in rows if row["state"] == "foreign"]

    def goes_on_and_names(self, *names: str) -> None:
        """Everything works, and each name is told once by each command that looks after the archive."""
        self.run()
        for command in (["verify"], ["sweep"], ["sweep", "--delete"], ["verify"]):
            assert sorted(self.looked_after(*command)) == sorted(names)


@pytest.fixture
def stage(
    environment: pytest.MonkeyPatch,
    archive_url: str,
    start: Call,
    poll: Call,
    fetch: Call,
    plan: Call,
    capsys: pytest.CaptureFixture[str],
    log: io.StringIO,
) -> Stage:
    return Stage(archive_url, start, poll, fetch, plan, capsys, log)


KEYS = {
    "two slashes (obstore#429)": f"{MANIFESTS}/day=2026-11-19//x.json",
    "two slashes at the root": f"manifests//{SERIES}/day={DAY}.json",
    "a slash at the front": f"/{MANIFEST}",
    "a folder's mark": f"{MANIFESTS}/day=2026-11-19/",
    "a folder's mark that has a manifest's name": f"{MANIFEST}/",
    "one dot": f"{MANIFESTS}/./day={DAY}.json",
    "two dots": f"{MANIFESTS}/../day={DAY}.json",
    "a dot among data": f"{DATA}/day={DAY}/.",
    "a tab": f"{MANIFESTS}/day=\t2026-11-19.json",
    "a control character": f"{MANIFESTS}/day={DAY}\x01.json",
    "delete": f"{DATA}/day={DAY}/x\x7f.xlsx",
    "percent": f"{MANIFESTS}/day%3D{DAY}.json",
    "percent slash": f"{MANIFESTS}%2Fday={DAY}.json",
    "not ASCII": f"{MANIFESTS}/día={DAY}.json",
    "a backslash": f"{MANIFESTS}\\day={DAY}.json",
    "a backslash among manifests": f"{MANIFESTS}/x\\day={DAY}.json",
    "a blank": f"{MANIFESTS}/day={DAY} (1).json",
    "a plus": f"{MANIFESTS}/+day={DAY}.json",
    "an ampersand": f"{MANIFESTS}/a&b<c>.json",
    "a very long name": f"{MANIFESTS}/{'n' * 700}.json",
    "below a manifest": f"{MANIFEST}/x",
    ".DS_Store (archivematica#214)": f"{DATA}/day={DAY}/.DS_Store",
    ".DS_Store among manifests": f"{MANIFESTS}/.DS_Store",
    "Thumbs.db": f"{DATA}/day={DAY}/Thumbs.db",
    "desktop.ini": "manifests/desktop.ini",
    "AppleDouble": f"{DATA}/day={DAY}/._1a2b-0000dead.xlsx",
    "an editor's copy": f"{MANIFEST}~",
    "Hadoop's mark": f"{MANIFESTS}_$folder$",
    "a number sign": f"{DATA}/day={DAY}/1a2b-0000dead.xlsx#1x",
}
SHOWN = {
    "a tab": f"{MANIFESTS}/day=\\t2026-11-19.json",
    "a control character": f"{MANIFESTS}/day={DAY}\\x01.json",
    "delete": f"{DATA}/day={DAY}/x\\x7f.xlsx",
}
AT_ONCE = {"two slashes (obstore#429)", "a folder's mark that has a manifest's name", "a control character"}


CHECK, NIGHTLY = pytest.mark.check, pytest.mark.nightly


@pytest.mark.parametrize("archive_url", ["s3"], indirect=True)
@pytest.mark.parametrize(
    ("spelling", "content"),
    [
        *(pytest.param(name, b"", id=f"empty-{name}", marks=() if name in AT_ONCE else CHECK) for name in KEYS),
        *(pytest.param(name, b"{}", id=f"full-{name}", marks=CHECK if name in AT_ONCE else NIGHTLY) for name in KEYS),
    ],
)
def test_a_bucket_with_one_stray_goes_on_and_names_it(
    spelling: str, content: bytes, stage: Stage, bucket: str, s3_client: "S3Client"
) -> None:
    key = f"workspace-exports/{KEYS[spelling]}"
    s3_client.put_object(Bucket=bucket, Key=key, Body=content)
    stage.goes_on_and_names(SHOWN.get(spelling, KEYS[spelling]))
    assert s3_client.get_object(Bucket=bucket, Key=key)["Body"].read() == content


def written(name: str) -> Callable[[Path], None]:
    def write(root: Path) -> None:
        (root / name).write_bytes(b"x")

    return write


def linked(name: str, target: str) -> Callable[[Path], None]:
    return lambda root: (root / name).symlink_to(target)


def not_utf8(root: Path) -> None:
    Path(os.fsdecode(os.fsencode(root / MANIFESTS) + b"/day=\xff.json")).write_bytes(b"{}")


def folder(name: str) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        (root / name).mkdir()
        (root / name / "x").write_bytes(b"x")

    return make


FILES: dict[str, tuple[Callable[[Path], None], str | None]] = {
    ".DS_Store (archivematica#214)": (written(f"{DATA}/.DS_Store"), f"{DATA}/.DS_Store"),
    ".DS_Store among manifests": (written(f"{MANIFESTS}/.DS_Store"), f"{MANIFESTS}/.DS_Store"),
    ".DS_Store at the root": (written(".DS_Store"), None),
    "Thumbs.db": (written("data/Thumbs.db"), "data/Thumbs.db"),
    "desktop.ini": (written("manifests/desktop.ini"), "manifests/desktop.ini"),
    "AppleDouble": (written(f"{MANIFESTS}/._day={DAY}.json"), f"{MANIFESTS}/._day={DAY}.json"),
    "an editor's copy": (written(f"{MANIFESTS}/day={DAY}.json~"), f"{MANIFESTS}/day={DAY}.json~"),
    "a newline": (written(f"{MANIFESTS}/a\nb.json"), f"{MANIFESTS}/a\\nb.json"),
    "an escape": (written(f"{MANIFESTS}/\x1b[31m.json"), f"{MANIFESTS}/\\x1b[31m.json"),
    "delete": (written(f"{DATA}/\x7f"), f"{DATA}/\\x7f"),
    "not UTF-8": (not_utf8, f"{MANIFESTS}/day=\\udcff.json"),
    "not ASCII": (written(f"{MANIFESTS}/día.json"), f"{MANIFESTS}/día.json"),
    "a backslash": (written(f"{MANIFESTS}/a\\b.json"), f"{MANIFESTS}/a\\b.json"),
    "percent": (written(f"{MANIFESTS}/a%20b.json"), f"{MANIFESTS}/a%20b.json"),
    "a long name": (written(f"{MANIFESTS}/{'n' * 250}"), f"{MANIFESTS}/{'n' * 250}"),
    "lost+found": (folder("data/lost+found"), "data/lost+found/"),
    "a NAS's folder": (folder(f"{MANIFESTS}/@eaDir"), f"{MANIFESTS}/@eaDir/"),
    "a wastebasket": (folder("manifests/.Trash-1000"), "manifests/.Trash-1000/"),
    "a link that leads nowhere": (linked(f"{MANIFESTS}/gone.json", "nowhere"), f"{MANIFESTS}/gone.json"),
    "a link out of the folder": (linked(f"{MANIFESTS}/out.json", "/etc/hostname"), f"{MANIFESTS}/out.json"),
    "a folder elsewhere": (linked("data/elsewhere", "/etc"), "data/elsewhere"),
    "a link in a circle": (linked(f"{MANIFESTS}/circle", ".."), f"{MANIFESTS}/circle"),
    "a link to itself": (linked(f"{MANIFESTS}/self", "self"), f"{MANIFESTS}/self"),
    "a pipe": (lambda root: os.mkfifo(root / MANIFESTS / "day=2026-11-01.json"), f"{MANIFESTS}/day=2026-11-01.json"),
    "a folder like a manifest": (
        folder(f"{MANIFESTS}/day=2026-11-01.json"),
        f"{MANIFESTS}/day=2026-11-01.json/x",
    ),
    "a file that a writer has begun": (written(f"{MANIFESTS}/day={DAY}.json#1"), None),
}


@pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
@pytest.mark.parametrize("spelling", FILES)
def test_a_folder_with_one_stray_goes_on_and_names_it(spelling: str, stage: Stage, tmp_path: Path) -> None:
    make, name = FILES[spelling]
    for place in (MANIFESTS, DATA):
        (tmp_path / place).mkdir(parents=True)
    make(tmp_path)
    stage.goes_on_and_names(*([name] if name else []))


@pytest.mark.parametrize("archive_url", ["s3"], indirect=True)
def test_a_name_that_no_key_can_express_is_in_the_log(stage: Stage, bucket: str, s3_client: "S3Client") -> None:
    s3_client.put_object(Bucket=bucket, Key=f"workspace-exports/{MANIFEST}//x", Body=b"{}")
    stage.plan(**ONE_DAY)
    assert f"{MANIFEST}//x" in stage.log.getvalue()


def test_what_is_in_a_manifests_place_is_in_the_log(stage: Stage, store: Store) -> None:
    store.replace(f"{MANIFESTS}/day={DAY} (1).json", b"{}")
    stage.plan(**ONE_DAY)
    assert "skipped a foreign name" in stage.log.getvalue()


@pytest.mark.parametrize("archive_url", ["s3"], indirect=True)
@pytest.mark.parametrize("place", [f"{MANIFESTS}//x.json", "since//x.json"])
def test_where_only_obstore_finds_the_key_the_name_that_stops_a_listing_is_told(
    place: str, store: Store, bucket: str, s3_client: "S3Client", s3_environment: pytest.MonkeyPatch
) -> None:
    s3_client.put_object(Bucket=bucket, Key=f"workspace-exports/{place}", Body=b"{}")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        s3_environment.delenv(name)
    calls: list[Callable[[str], object]] = [lambda prefix: list(store.keys(prefix)), store.folders]
    for call in calls:
        with pytest.raises(Misconfigured, match="Remove or rename that object") as caught:
            call(place.partition("//")[0])
        assert f"workspace-exports/{place.removesuffix('x.json')}" in str(caught.value)


@pytest.mark.parametrize("kind", ["folder", "pipe", "link"])
@pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
def test_what_stands_in_a_manifests_place_is_named_and_to_be_moved(kind: str, stage: Stage, tmp_path: Path) -> None:
    place = tmp_path / MANIFEST
    place.parent.mkdir(parents=True)
    if kind == "folder":
        place.mkdir()
    elif kind == "pipe":
        os.mkfifo(place)
    else:
        place.symlink_to("nowhere")
    assert stage.plan(**ONE_DAY)["planned"] == 1
    with pytest.raises(Misconfigured, match=rf"day={DAY}.json' is no file.*\sRemove or rename it"):
        stage.fetch(**stage.poll(**stage.start(**RECORDS)))
    assert not [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
