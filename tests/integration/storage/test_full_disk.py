"""A folder that takes no more: the disk is full, a file may grow no further, or nobody may write."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.standin.server import VendorStandIn
from tests.support.builders.requests import RECORDS
from tests.support.checks.leaks import CANARIED
from workspace_exports.core.errors import ArchiveUnavailable
from workspace_exports.storage.store import open_store

REPORT_BYTES = 400_000
NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount"]


@pytest.fixture
def vendor() -> Iterator[VendorStandIn]:
    with VendorStandIn(contents=CANARIED, task_seconds=0, report_padding_bytes=REPORT_BYTES) as vendor:
        yield vendor


def suffer(misfortune: str, folder: Path) -> list[Any]:
    """What a process has seen that fetched under it, and again after it."""
    alone = [] if misfortune == "limit" else NAMESPACE
    script = "tests.support.processes.full_disk"
    command = [*alone, sys.executable, "-m", script, misfortune, str(folder), json.dumps(RECORDS)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    assert process.returncode == 0, process.stderr
    return list(json.loads(process.stdout.splitlines()[-1]))


def can_mount() -> bool:
    try:
        mount = [*NAMESPACE, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
        return subprocess.run(mount, capture_output=True, check=False).returncode == 0  # noqa: S603
    except FileNotFoundError:
        return False


@pytest.mark.check
@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
@pytest.mark.parametrize(
    ("misfortune", "says"),
    [
        ("limit", "File too large).\nLet files in the folder be larger"),
        ("full", "No space left on device).\nMake room on the folder's disk"),
        ("read-only", "Read-only file system).\nLet this user write to the folder"),
    ],
)
def test_nothing_is_left_of_a_file_that_does_not_fit_and_a_replay_lands(
    misfortune: str, says: str, archive_url: str, tmp_path: Path, vendor: VendorStandIn
) -> None:
    if misfortune != "limit" and not can_mount():
        pytest.skip("a disk of one's own takes a namespace, which this machine gives to nobody")
    said, left, archived, landed, content = suffer(misfortune, tmp_path)
    assert said.startswith("ArchiveUnavailable: Could not write 'data/")
    assert says in said
    assert left == []
    assert archived["outcome"] == "landed"
    assert landed == [archived["key"], archived["manifest_key"]]
    (task,) = vendor.tasks
    assert bytes.fromhex(content) == vendor.report(task.task_id)


@pytest.mark.parametrize("place", ["data", "manifests"])
def test_a_file_where_a_folder_should_be_is_told(place: str, tmp_path: Path) -> None:
    (tmp_path / place).write_bytes(b"not a folder")
    store = open_store(tmp_path.as_uri())
    for write in (lambda: store.write(f"{place}/x", [b"x"]), lambda: store.create(f"{place}/x", b"x")):
        with pytest.raises(ArchiveUnavailable, match=r"Not a directory\)\.\sSet ARCHIVE_URL to a folder of"):
            write()
