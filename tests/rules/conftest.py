"""The template with several sets of parameters, judged once by all tools."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.rules.broken import broken, policy
from tests.rules.processed import EVERYTHING, MANDATORY, Processed
from tests.rules.reasons import Deployment
from tests.rules.tools import findings


@pytest.fixture(scope="session")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Deployment]:
    everything = Processed(**EVERYTHING).resources()
    templates: dict[str, dict[str, Any]] = {
        "defaults": Processed(**MANDATORY).resources(),
        "everything": everything,
        "broken": broken(everything),
        "unquoted": policy(everything, secure_transport=False),
        "quoted": policy(everything, secure_transport="false"),
    }
    folder = tmp_path_factory.mktemp("templates")
    files = {folder / f"{name}.json": resources for name, resources in templates.items()}
    for file, resources in files.items():
        file.write_text(
            json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}), encoding="utf-8"
        )
    found = findings(list(files))
    return {
        file.stem: Deployment(file.stem, {name: r["Type"] for name, r in resources.items()}, frozenset(found[file]))
        for file, resources in files.items()
    }
