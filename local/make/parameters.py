"""`make deploy PARAMETERS=...`: refuses what is no parameter of `template.yaml`, or no parameter at all to SAM.

SAM passes on the names it knows, and drops every other word without a sound.
"""

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

from workspace_exports.core.nearest import did_you_mean

ROOT = Path(__file__).parent.parent.parent
USAGE = 2

_PARAMETERS = re.compile(r"^Parameters:\n((?:[ #].*\n|\n)+)", re.MULTILINE)
_DECLARED = re.compile(r"^  (\w+):", re.MULTILINE)
_VALUE = r"""("(?:\\.|[^"\\]+)*"|'(?:\\.|[^'\\]+)*'|(?:\\.|[^ "\\]+)+)"""
_PAIR = re.compile(rf""" ([A-Za-z0-9"']+)={_VALUE}""")
"""As SAM reads them. Source: samcli/cli/types.py, CfnParameterOverridesType, of aws-sam-cli 1.170.0."""


def declared(template: str) -> list[str]:
    """The names of the template's parameters, in its order."""
    found = _PARAMETERS.search(template)
    return _DECLARED.findall(found[1]) if found else []


def problems(given: str, known: Iterable[str]) -> list[str]:
    """The words in a text of parameters that SAM would pass over, and what to change; empty where there is none.

    Args:
        given: `Name=value Other="a value with blanks"`, as `--parameter-overrides` takes it.
        known: the template's parameters.
    """
    names = list(known)
    text = f" {given.strip()}"
    wrong = [
        f"{name} is no parameter of template.yaml{did_you_mean(name, names)}"
        for name in (pair[1].strip("\"'") for pair in _PAIR.finditer(text))
        if name not in names
    ]
    return [*wrong, *(_unread(word, names) for word in _PAIR.sub("", text).split())]


def configured(config: str) -> Iterator[str]:
    """The texts of parameters in a `samconfig.toml`, of every environment; those that are tables as pairs."""
    for environment in tomllib.loads(config).values():
        if isinstance(environment, dict):
            own = environment.get("deploy", {}).get("parameters", {}).get("parameter_overrides", [])
            for one in own if isinstance(own, list) else [own]:
                yield " ".join(f'{name}="-"' for name in one) if isinstance(one, dict) else str(one)


def _unread(word: str, names: list[str]) -> str:
    """The sentence on a word that is no pair; of its value nothing is shown."""
    name, sign, _ = word.partition("=")
    if sign and name.isascii() and name.isprintable():
        return f"{name!r} cannot be a parameter's name{did_you_mean(name, names)}: write Name=value without blanks"
    return 'a word is no Name=value: put a value with blanks into quotes once more, as in Schedule="cron(0 5 * * ? *)"'


def main(given: list[str]) -> int:
    """Checks the command line's parameters, or those of `samconfig.toml` where there are none."""
    known = declared((ROOT / "template.yaml").read_text(encoding="utf-8"))
    texts = given or list(configured(Path("samconfig.toml").read_text(encoding="utf-8")))
    wrong = list(dict.fromkeys(problem for text in texts for problem in problems(text, known)))
    for problem in wrong:
        print(f"PARAMETERS: {problem}", file=sys.stderr)
    if wrong:
        print("Nothing was built or deployed. docs/deploy.md lists the parameters.", file=sys.stderr)
    return USAGE if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
