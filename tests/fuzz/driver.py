"""One target under libFuzzer, until it is told to stop or has found something: only `make fuzz` starts this.

python -m tests.fuzz.driver TARGET [libFuzzer's options and folders]
"""

import importlib
import sys

import atheris


def main() -> None:
    target, *options = sys.argv[1:]
    with atheris.instrument_imports(include=["workspace_exports", "zipfile", "email"]):
        check = importlib.import_module(f"tests.fuzz.{target}").check
    atheris.Setup([sys.argv[0], *options], check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
