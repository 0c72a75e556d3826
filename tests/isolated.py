"""A function's process: the standard library and the artifact, nothing of this project's environment.

python -I -S -B tests/isolated.py <artifact> <module>, an event on standard input, the answer on standard output.
"""

import importlib
import json
import sys
from pathlib import Path
from types import SimpleNamespace


def main(artifact: str, module: str) -> None:
    sys.path.insert(0, artifact)
    handler = importlib.import_module(module).handler
    event = sys.stdin.read()
    context = SimpleNamespace(function_name="f", aws_request_id="isolated", get_remaining_time_in_millis=lambda: 30_000)
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
