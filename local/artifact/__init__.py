"""The deployable artifact: dependencies, functions and shared code, for this machine and for Lambda."""

from local.artifact.building import ROOT, Artifact, build, build_code, build_dependencies, build_ric
from local.artifact.packaging import Package, PackageTooLarge, package
from local.artifact.target import THIS_MACHINE, Target

__all__ = [
    "ROOT",
    "THIS_MACHINE",
    "Artifact",
    "Package",
    "PackageTooLarge",
    "Target",
    "build",
    "build_code",
    "build_dependencies",
    "build_ric",
    "package",
]
