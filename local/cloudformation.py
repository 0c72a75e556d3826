"""Reads templates of CloudFormation, whose YAML has short forms of functions: `!Ref`, `!GetAtt`, ..."""

from pathlib import Path
from typing import Any

import yaml
from samtranslator.yaml_helper import intrinsics_multi_constructor


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """libyaml's parser, where there is one: it takes a tenth of the time."""


_Loader.add_multi_constructor("!", intrinsics_multi_constructor)


def read_template(file: Path) -> dict[str, Any]:
    """The template in a file, functions in their long form."""
    document: dict[str, Any] = yaml.load(file.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a safe one
    return document
