"""Turns the SAM template itself into one the engine can run; nothing but code locations and runtimes changes."""

import io
import shlex
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.artifact import Artifact
from local.cloudformation import read_template

_CUSTOM_RUNTIME = "provided.al2023"
_WORKER = Path(__file__).with_name("worker.py")


def localised(template: Path, code: Mapping[str, str]) -> dict[str, Any]:
    """Read a template; its Python functions take their ``code`` (Bucket, Key), its state machines their definition.

    ministack's own Python worker loses exception names, so every Python function becomes a custom runtime.
    """
    document = read_template(template)
    shared = document.get("Globals", {}).get("Function", {})
    for resource in document["Resources"].values():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::Serverless::Function":
            _run_by_worker(properties, shared, code)
        elif resource["Type"] == "AWS::Serverless::StateMachine":
            _inline_definition(properties, template.parent)
    return document


def _run_by_worker(properties: dict[str, Any], shared: Mapping[str, Any], code: Mapping[str, str]) -> None:
    runtime = properties.get("Runtime", shared.get("Runtime"))
    if not isinstance(runtime, str):
        raise TypeError(f"cannot tell the runtime of a function from {runtime!r}")
    if runtime.startswith("python3."):
        properties |= {"Runtime": _CUSTOM_RUNTIME, "CodeUri": dict(code)}


def _inline_definition(properties: dict[str, Any], base: Path) -> None:
    location = properties.get("DefinitionUri")
    if isinstance(location, str):
        del properties["DefinitionUri"]
        properties["Definition"] = read_template(base / location)


def bootstrap_package(artifact: Artifact) -> bytes:
    """A deployment package which runs the artifact where it lies.

    Zipping, uploading and unpacking some 30 MiB would say nothing more about the handlers.
    """
    command = [sys.executable, "-I", "-S", "-B", _WORKER, artifact.code.resolve(), artifact.ric.resolve()]
    bootstrap = zipfile.ZipInfo("bootstrap")
    bootstrap.external_attr = 0o755 << 16
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr(bootstrap, f"#!/bin/sh\nexec {shlex.join(map(str, command))}\n")
    return package.getvalue()
