"""Folders on file systems without hard links (exFAT, FAT, SMB, FUSE): a record is created there too, whole and once."""

import errno
import fcntl
import json
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from local.artifact import ROOT
from tests.support.processes.without_links import CANNOT
from workspace_exports.core.errors import ArchiveUnavailable, Misconfigured
from workspace_exports.storage.store import Store, open_store

KEY = "manifests/kind=hosts/project_id=p/snapshot=20261120T000000Z.json"
WITHOUT_LINKS = {
    "exFAT and FAT": errno.EPERM,
    "a share over SMB": errno.EOPNOTSUPP,
    "macOS, exFAT": errno.ENOTSUP,
    "FUSE without link": errno.ENOSYS,
    "one link for a file": errno.EMLINK,
    "mounts over mounts": errno.EXDEV,
}
OTHER = {
    errno.ENOSPC: "Make room",
    errno.EDQUOT: "Make room",
    errno.EROFS: "Let this user write",
    errno.EACCES: "Let this user write",
    errno.EIO: ArchiveUnavailable.advice,
}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path.as_uri())


def refusing(number: int, monkeypatch: pytest.MonkeyPatch, call: str = "link", module: object = os) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(module, call, refuse)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    "number",
    [errno.EPERM, *(pytest.param(one, marks=pytest.mark.check) for one in (errno.EOPNOTSUPP, errno.ENOSYS))],
    ids=os.strerror,
)
def test_where_the_kernel_makes_no_link_an_export_lands_once(number: int, tmp_path: Path) -> None:
    process = subprocess.run(  # noqa: S603 - this Python
        [sys.executable, "-m", "tests.support.processes.without_links", str(number), tmp_path.as_uri()],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"shared{os.pathsep}."},
        capture_output=True,
        text=True,
        check=False,
    )
    if process.returncode == CANNOT:
        pytest.skip("this kernel takes no filter of system calls")
    assert process.returncode == 0, process.stderr
    assert json.loads(process.stdout) == {
        "created": [True, False, True],
        "outcomes": ["landed", "already-landed"],
    }
    assert [name for name in names(tmp_path) if "#" in name] == []
    assert len(names(tmp_path / "data")) == 1


@pytest.mark.parametrize("system", WITHOUT_LINKS)
def test_a_record_is_created_once(system: str, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refusing(WITHOUT_LINKS[system], monkeypatch)
    assert store.create(KEY, b"first")
    assert not store.create(KEY, b"second")
    assert store.read(KEY) == b"first"
    assert names(tmp_path) == [KEY.rpartition("/")[2]]


def test_of_many_writers_one_creates_and_no_reader_sees_half(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing(errno.EPERM, monkeypatch)
    contents = [bytes([number]) * 100_000 for number in range(8)]
    for day in range(10):
        key, at_once = f"{KEY}{day}", threading.Barrier(len(contents) + 1)

        def write(content: bytes, key: str = key, at_once: threading.Barrier = at_once) -> bool:
            at_once.wait()
            return store.create(key, content)

        def read(key: str = key, at_once: threading.Barrier = at_once) -> set[bytes]:
            at_once.wait()
            return {content for _ in range(50) if (content := store.read(key)) is not None}

        with ThreadPoolExecutor(len(contents) + 1) as pool:
            seen = pool.submit(read)
            created = list(pool.map(write, contents))
        assert created.count(True) == 1
        assert store.read(key) == contents[created.index(True)]
        assert seen.result() <= {contents[created.index(True)]}
    assert [name for name in names(tmp_path) if "#" in name] == []


def test_a_writer_that_is_killed_with_the_lock_keeps_no_one_out(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing(errno.EPERM, monkeypatch)
    place = (tmp_path / KEY).parent
    place.mkdir(parents=True)
    locked = (
        "import fcntl, os, signal, sys; fcntl.flock(os.open(sys.argv[1], os.O_RDONLY), fcntl.LOCK_EX); "
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", locked, place], check=False).returncode < 0  # noqa: S603 - this Python
    assert store.create(KEY, b"first")


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS], ids=os.strerror)
def test_where_there_are_no_locks_either_it_is_said_why(
    number: int, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing(errno.EPERM, monkeypatch)
    refusing(number, monkeypatch, "flock", fcntl)
    with pytest.raises(Misconfigured, match=r"neither hard links nor locks.*\sSet ARCHIVE_URL to a folder on another"):
        store.create(KEY, b"first")
    assert names(tmp_path) == []


@pytest.mark.parametrize("call", ["link", "flock"])
@pytest.mark.parametrize("number", OTHER, ids=os.strerror)
def test_any_other_failure_is_told_as_it_is_and_nothing_is_left(
    number: int, call: str, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if call == "flock":
        refusing(errno.EPERM, monkeypatch)
    refusing(number, monkeypatch, call, fcntl if call == "flock" else os)
    with pytest.raises(ArchiveUnavailable, match=os.strerror(number)) as caught:
        store.create(KEY, b"first")
    assert OTHER[number] in str(caught.value)
    assert names(tmp_path) == []
