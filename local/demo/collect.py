"""Brings the archive out of the engine into a folder, and checks every file against its manifest and the vendor."""

import hashlib
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

from local.demo.stage import Stage
from workspace_exports.archive.manifests import Manifest
from workspace_exports.coverage.reports import Report

_MARKER = ".made-by-the-demo"


@dataclass(frozen=True, slots=True)
class Checked:
    """One archived export; `fault` says what is wrong with it, if anything is."""

    manifest: Manifest
    file: Path
    fault: str | None


def objection(folder: Path) -> str | None:
    """Why the demo's archive must not go there: what it does not know for its own may be somebody's real one."""
    if not folder.exists() or (folder / _MARKER).is_file():
        return None
    return f"{folder} was not made by the demo, which would replace it: move it away, or name another folder"


def copy_archive(stage: Stage, folder: Path) -> None:
    """The archive's objects as files, under the same keys; what an earlier demo left in the folder goes."""
    _clear(folder)
    storage = stage.engine.client("s3")
    bucket, _, prefix = stage.stack.outputs["ArchiveUrl"].removeprefix("s3://").partition("/")
    for page in storage.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for item in page.get("Contents", []):
            file = folder / item["Key"].removeprefix(f"{prefix}/")
            file.parent.mkdir(parents=True, exist_ok=True)
            storage.download_file(bucket, item["Key"], str(file))


def last_report(folder: Path) -> tuple[Path, Report] | None:
    """The report of the last run in the folder, and where it is; None if no run has lived to report."""
    files = sorted((folder / "runs").glob("*/report.json"))
    return (files[-1], Report.model_validate_json(files[-1].read_bytes())) if files else None


def _clear(folder: Path) -> None:
    if reason := objection(folder):
        raise FileExistsError(reason)
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / _MARKER).touch()


def check_archive(stage: Stage, folder: Path) -> list[Checked]:
    """Every manifest in the folder, its file compared with it and with what the vendor holds."""
    manifests = [
        Manifest.model_validate_json(path.read_bytes()) for path in sorted((folder / "manifests").rglob("*.json"))
    ]
    return [_check(stage, folder, manifest) for manifest in manifests]


def _check(stage: Stage, folder: Path, manifest: Manifest) -> Checked:
    file = folder / (manifest.key or "")
    return Checked(manifest, file, _fault(manifest, file, stage.vendor.report(manifest.task_id)))


def _fault(manifest: Manifest, file: Path, original: bytes) -> str | None:
    if not file.is_file():
        return "the file is missing"
    content = file.read_bytes()
    if len(content) != manifest.size_bytes or hashlib.sha256(content).hexdigest() != manifest.sha256:
        return "length or SHA-256 differs from the manifest"
    if content != original:
        return "differs from what the vendor holds"
    if not zipfile.is_zipfile(file):
        return "is no workbook"
    return None
