"""Brings the archive out of the engine into a folder, and checks every file against its manifest and the vendor."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from local.demo.stage import Stage
from workspace_exports.archive.manifests import Manifest
from workspace_exports.audit.verify import Finding, verify
from workspace_exports.coverage.reports import Report
from workspace_exports.storage.store import open_store

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
    """Every manifest in the folder, verified with its file, and the file compared with what the vendor holds."""
    findings = sorted(verify(open_store(folder.resolve().as_uri())), key=lambda finding: finding.key)
    return [_check(stage, folder, finding) for finding in findings if finding.key.startswith("manifests/")]


def _check(stage: Stage, folder: Path, finding: Finding) -> Checked:
    manifest = Manifest.model_validate_json((folder / finding.key).read_bytes())
    file = folder / (manifest.key or "")
    if finding.verdict.is_fault:
        return Checked(manifest, file, f"{finding.verdict}: {finding.detail}")
    same = file.read_bytes() == stage.vendor.report(manifest.task_id)
    return Checked(manifest, file, None if same else "differs from what the vendor holds")
