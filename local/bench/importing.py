"""Cold start: what the import of each handler takes, against the import of what it replaces."""

import re
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from local.artifact import ROOT, build_code, build_dependencies
from local.bench.measuring import MIB, Case, Measure, interleaved, measured, median, ratio
from local.bench.results import Goal, Section

NAMES = sorted(app.parent.name for app in (ROOT / "functions").glob("*/app.py"))
PEER = ("huaweicloudsdkcore.auth.credentials", "huaweicloudsdkworkspace.v2", "boto3")
BOUNDS: Mapping[str, float] = {
    "fetch_file": 0.40,
    "plan_archive": 0.35,
    "poll_status": 0.35,
    "show_coverage": 0.35,
    "start_export": 0.35,
}
"""The other two run once a day, and when an export has failed."""

_IMPORTER = Path(__file__).parent / "importer.py"
_LINE = re.compile(r"^import time: +(\d+) \| +\d+ \| +(\w+)", re.MULTILINE)
_PARTS = 6
_ENVIRONMENT = {"AWS_LAMBDA_FUNCTION_NAME": "a-function"}


def run(rounds: int) -> Section:
    """Each handler in a fresh process, with bytecode, the files in the page cache."""
    code, peer = build_code(), build_dependencies("peers")
    cases: dict[str, Case] = {name: _case(code, f"functions.{name}.app") for name in NAMES}
    taken = interleaved(cases | {"peer": _case(peer, *PEER)}, rounds)
    ratios = {name: ratio(measures, taken["peer"], _seconds) for name, measures in taken.items()}
    return Section(
        title="Cold start",
        text=(
            "The import of each handler in a fresh process (`-I -S`), from the deployed folder with its bytecode, "
            f"against `import {', '.join(PEER)}` from a folder with bytecode too. "
            "The last column is the share of the import's own time (`-X importtime`) by package."
        ),
        columns=("import", "ratio", "milliseconds", "modules", "peak MiB", "where it goes"),
        rows=tuple(
            (
                "SDK + boto3" if name == "peer" else name.replace("_", "-"),
                f"{ratios[name]:.2f}",
                f"{median(measures, _seconds) * 1000:.0f}",
                str(len(measures[0].told["modules"])),
                f"{median(measures, lambda measure: measure.peak_bytes) / MIB:.0f}",
                _shares(peer, *PEER) if name == "peer" else _shares(code, f"functions.{name}.app"),
            )
            for name, measures in taken.items()
        ),
        goals=tuple(
            Goal(what=f"import of {name.replace('_', '-')}", seen=ratios[name], at_most=most)
            for name, most in BOUNDS.items()
        ),
    )


def imported(folder: Path, *modules: str) -> Measure:
    """What a fresh process tells that imports them from there, under the name a function has on Lambda."""
    return measured(_command(folder, *modules), _ENVIRONMENT)


def _case(folder: Path, *modules: str) -> Case:
    return lambda: imported(folder, *modules)


def _command(folder: Path, *modules: str, options: tuple[str, ...] = ()) -> list[str | Path]:
    return [sys.executable, "-I", "-S", "-B", *options, _IMPORTER, folder, *modules]


def _seconds(measure: Measure) -> float:
    return float(measure.told["seconds"])


def _shares(folder: Path, *modules: str) -> str:
    """The packages that take most, in per cent."""
    spent = _spent(measured(_command(folder, *modules, options=("-X", "importtime")), _ENVIRONMENT).errors)
    whole = sum(spent.values())
    return ", ".join(f"{name} {microseconds / whole:.0%}" for name, microseconds in spent.most_common(_PARTS))


def _spent(report: str) -> Counter[str]:
    """Microseconds in the modules themselves, by package; the standard library is one."""
    spent: Counter[str] = Counter()
    for itself, package in _LINE.findall(report):
        spent["standard library" if package in sys.stdlib_module_names else package] += int(itself)
    return spent
