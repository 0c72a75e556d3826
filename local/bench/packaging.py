"""The package: what is uploaded and unpacked, against the SDK and boto3 packaged alike."""

import tempfile
from pathlib import Path

from local.artifact import Target, build_code, build_dependencies, package
from local.artifact.packaging import BUDGET_BYTES, MIB
from local.bench.results import Goal, Section

TARGET = Target.of_runtime("python3.14", "arm64")
_SHARE = 0.55
_NO_BUDGET = 1024 * MIB


def run(_rounds: int) -> Section:
    """Both for Lambda's Python on arm64, compiled, zipped at the highest level; sizes do not vary."""
    with tempfile.TemporaryDirectory() as folder:
        ours = package(build_code(target=TARGET), Path(folder) / "ours.zip", _NO_BUDGET)
        peer = package(build_dependencies("peers", target=TARGET), Path(folder) / "peer.zip", _NO_BUDGET)
        sizes, bytecode = {"this bundle": ours.size, "SDK + boto3": peer.size}, ours.compiled and peer.compiled
    mine, theirs = (size.zipped for size in sizes.values())
    return Section(
        title="Package",
        text=(
            f"What `make build` makes for {TARGET.name}, against the vendor's SDK and boto3 installed for the same "
            f"target and zipped alike, {'with' if bytecode else '**without**'} bytecode."
        ),
        columns=("package", "zipped MiB", "unpacked MiB"),
        rows=tuple((name, f"{s.zipped / MIB:.2f}", f"{s.unpacked / MIB:.2f}") for name, s in sizes.items()),
        goals=(
            Goal(what="MiB zipped", seen=mine / MIB, at_most=BUDGET_BYTES / MIB),
            Goal(what="share of SDK + boto3", seen=mine / theirs, at_most=_SHARE),
        ),
    )
