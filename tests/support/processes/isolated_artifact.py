"""A function's process with the standard library and the artifact, and nothing of this project's environment.

python -I -S -B tests/support/processes/isolated_artifact.py <artifact> <module>

It reads an event from standard input and writes the answer to standard output.
"""

import importlib
import json
import runpy
import sys
from pathlib import Path


def main(artifact: str, module: str) -> None:
    sys.path.insert(0, artifact)
    handler = importlib.import_module(module).handler
    event = sys.stdin.read()
    context = runpy.run_path(str(Path(__file__).parents[1] / "lambda_context.py"))["CONTEXT"]
    answer = handler(json.loads(event), context) if event else {}
    elsewhere = {
        name
        for name, imported in sys.modules.items()
        if (file := getattr(imported, "__file__", None)) and not _is_ours(Path(file), Path(artifact))
    }
    sys.stdout.write("\n" + json.dumps({"answer": answer, "elsewhere": sorted(elsewhere)}))


def _is_ours(file: Path, artifact: Path) -> bool:
    library = Path(importlib.__file__).parents[1]
    from_library = file.is_relative_to(library) and "site-packages" not in file.parts
    return from_library or file.is_relative_to(artifact) or file == Path(__file__)


if __name__ == "__main__":
    main(*sys.argv[1:])
