"""The package and target that a released template is made for."""

from local.artifact.target import Target

PACKAGE = "workspace-exports-python3.14-arm64-0123456789abcdef.zip"
TARGET = Target((3, 13), "arm64")
