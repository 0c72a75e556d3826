"""Money: what an export costs on AWS, counted on the wire and in the state machines' histories, at list prices."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from statistics import median

from local.artifact import ROOT
from local.bench import prices
from local.bench.prices import PRICES
from local.bench.rehearsal import Rehearsal, Shape, rehearsing
from local.bench.results import Goal, Section
from local.cloudformation import read_template
from local.engine import Execution
from local.engine.polling import poll
from workspace_exports.core.clock import utc_now
from workspace_exports.exports.windows import LATE_DATA

SPEED = 10.0
FEW, MANY = 4, 24
"""Windows of two runs, whose difference is what the windows cost, and not the run."""
A_THOUSAND = 1000
_TEXT = f"""\
What 1,000 exports cost, each of a small file that is ready at the first look, at list prices of {prices.REGION} on
{prices.AS_OF}. Counted are runs of {FEW} and of {MANY} windows of the deployed template on the local engine:
transitions and calls in the histories, requests as they arrived at the engine and at the stand-in. The difference of
the two is what the windows cost; what a run costs besides is below."""
IN_THE_MAP = 3
"""Transitions for each item of the map: two states and the end. The local engine keeps no history of them."""
TASKS = {
    "Order the export": "StartExport",
    "Look at the task": "PollStatus",
    "Fetch the file into the archive": "FetchFile",
}
AT_FIRST_LOOK = 10
"""Transitions of an export that is ready at the first look, those in the map included."""
FURTHER_LOOK = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Count:
    """What is paid for."""

    transitions: float = 0
    calls: float = 0
    s3_writes: float = 0
    s3_reads: float = 0
    s3_deletes: float = 0
    secret_reads: float = 0
    vendor_calls: float = 0

    def __sub__(self, other: "Count") -> "Count":
        return Count(**{field.name: getattr(self, field.name) - getattr(other, field.name) for field in fields(Count)})

    def __truediv__(self, number: float) -> "Count":
        return Count(**{field.name: getattr(self, field.name) / number for field in fields(Count)})


@dataclass(frozen=True, slots=True)
class Durations:
    """Seconds of a function's calls on this machine: answered by a process that was there, or started for the call."""

    warm: float
    cold: float


def run(rounds: int) -> Section:
    """Counts two runs, times each function, and prices both."""
    with rehearsing(one_project(), SPEED) as rehearsal:
        durations = timed(rehearsal, rounds)
        few, many = (counted(rehearsal, _days(number)) for number in (FEW, MANY))
    each, memory_gb = (many - few) / (MANY - FEW), _memory_gb()
    rows, dollars = _priced(each, durations, memory_gb)
    return Section(
        title="Money",
        text=_TEXT,
        columns=("what", "for one export", "for 1,000", "dollars for one", "dollars for 1,000"),
        rows=(*rows, ("**together**", "", "", "", f"**{dollars:.3f}**")),
        goals=(
            Goal(what="transitions of an export", seen=each.transitions, at_most=AT_FIRST_LOOK),
            Goal(what="calls to the vendor of an export", seen=each.vendor_calls, at_most=3),
        ),
        notes=(
            _formula(memory_gb),
            f"Seconds of this machine, vendor and storage on loopback: {_told(durations)}.",
            "Put in `Duration` and `Init Duration` from the REPORT lines of your own functions' logs.",
            f"Priced are warm calls. All cold: {_gb_seconds(durations, memory_gb, 'cold'):.2g} GB-seconds an export.",
            "A function reads the secret once in a process.",
            f"A run costs besides: {_besides(few, each)}. A retry is one transition and one call more.",
            f"Prices: {'; '.join(f'{name}: {price.source}' for name, price in PRICES.items())}.",
            "Not in it: storage, logs, what the vendor takes, and what is [paid by the month](cost.md).",
        ),
    )


def counted(rehearsal: Rehearsal, days: tuple[str, str]) -> Count:
    """What one run over those days has cost, its exports included."""
    requests, vendor_calls = len(rehearsal.engine.calls), len(rehearsal.vendor.requests)
    known = {execution.arn for execution in rehearsal.exports()}
    run_ = rehearsal.run(days)
    exports = [execution for execution in rehearsal.exports() if execution.arn not in known]
    on_the_wire = Counter(
        (call.service, _s3_class(call.method, call.target)) for call in rehearsal.engine.calls[requests:]
    )
    return Count(
        transitions=sum(map(_transitions, (run_, *exports))) + IN_THE_MAP * len(exports),
        calls=sum(map(_calls, (run_, *exports))),
        s3_writes=on_the_wire["s3", "write"],
        s3_reads=on_the_wire["s3", "read"],
        s3_deletes=on_the_wire["s3", "delete"],
        secret_reads=sum(number for (service, _), number in on_the_wire.items() if service == "secretsmanager"),
        vendor_calls=len(rehearsal.vendor.requests) - vendor_calls,
    )


def timed(rehearsal: Rehearsal, rounds: int) -> dict[str, Durations]:
    """Each function's seconds: its first call in a fresh process, and the next one."""
    taken: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in TASKS.values()}
    project_id, day = rehearsal.shape.project_ids[0], _days(1)[0]
    for number in range(rounds):
        for name in TASKS.values():
            _start_afresh(rehearsal, name, number)
        for at, user in enumerate(("first", "second")):
            request = {
                "kind": "connection-records",
                "project_id": project_id,
                "day": day,
                "filters": {"user_name": f"{user}{number}"},
            }
            for name, seconds in _seconds(rehearsal.execute(request)).items():
                taken[name][at].append(seconds)
    return {name: Durations(warm=median(warm), cold=median(cold)) for name, (cold, warm) in taken.items()}


def one_project() -> Shape:
    """Nothing else to wait for."""
    return Shape(projects=1, kinds=("connection-records",), exports_at_once=1)


def _days(number: int) -> tuple[str, str]:
    """So many settled days; those of different numbers share none."""
    last = (utc_now() - LATE_DATA).date() - timedelta(days=1 if number == MANY else MANY + 1)
    return str(last - timedelta(days=number - 1)), str(last)


def _start_afresh(rehearsal: Rehearsal, function: str, number: int) -> None:
    """The next call of the function meets no process of it."""
    functions, name = rehearsal.engine.client("lambda"), rehearsal.stack.resources[f"{function}Function"]
    variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    functions.update_function_configuration(
        FunctionName=name, Environment={"Variables": variables | {"AFRESH": str(number)}}
    )

    def updated() -> bool | None:
        return functions.get_function_configuration(FunctionName=name)["LastUpdateStatus"] == "Successful" or None

    poll(updated, timeout_seconds=10, waiting_for=f"the new settings of {name}")


def _seconds(execution: Execution) -> dict[str, float]:
    """How long each function's one call took, from its being scheduled to its answer."""
    taken, state, began = {}, "", None
    for event in execution.events:
        state = event.get("stateEnteredEventDetails", {}).get("name", state)
        if event["type"].endswith("Scheduled"):
            began = event["timestamp"]
        elif event["type"].endswith("Succeeded") and began and state in TASKS:
            taken[TASKS[state]], began = (event["timestamp"] - began).total_seconds(), None
    return taken


def _path_of(execution: Execution) -> list[str]:
    """The states it went through."""
    return [e["stateEnteredEventDetails"]["name"] for e in execution.events if "stateEnteredEventDetails" in e]


def _transitions(execution: Execution) -> int:
    """Each state entered is one, and so is the end; a retry would be one more."""
    return len(_path_of(execution)) + 1


def _calls(execution: Execution) -> int:
    """Of functions; a run also calls the services that it tells of its end."""
    return sum(
        ":function:" in str(event.get("taskScheduledEventDetails") or event.get("lambdaFunctionScheduledEventDetails"))
        for event in execution.events
    )


def _s3_class(method: str, target: str) -> str:
    """As S3 charges it: a listing is a GET that costs as a write does."""
    if method == "DELETE":
        return "delete"
    return "write" if method in {"PUT", "POST"} or "list-type=2" in target else "read"


def _memory_gb() -> float:
    template = read_template(ROOT / "template.yaml")
    return float(template["Globals"]["Function"]["MemorySize"]) / 1024


def _gb_seconds(durations: Mapping[str, Durations], memory_gb: float, how: str) -> float:
    seconds: list[float] = [getattr(duration, how) for duration in durations.values()]
    return memory_gb * sum(seconds)


def _dollars() -> dict[str, float]:
    return {name: price.dollars for name, price in PRICES.items()}


def _priced(
    each: Count, durations: Mapping[str, Durations], memory_gb: float
) -> tuple[Sequence[tuple[str, ...]], float]:
    """The table, and what it comes to."""
    used = {
        "state transition": each.transitions,
        "function call": each.calls,
        "GB-second": _gb_seconds(durations, memory_gb, "warm"),
        "S3 write": each.s3_writes,
        "S3 read": each.s3_reads,
        "secret read": each.secret_reads,
    }
    rows = [
        (
            f"{name}s",
            f"{number:.3g}",
            f"{number * A_THOUSAND:,.0f}",
            f"{PRICES[name].dollars:.8f}",
            f"{number * A_THOUSAND * PRICES[name].dollars:.4f}",
        )
        for name, number in used.items()
    ]
    free = (("S3 deletes", each.s3_deletes), ("calls to the vendor", each.vendor_calls))
    rows += [(name, f"{number:.3g}", f"{number * A_THOUSAND:,.0f}", "", "") for name, number in free]
    return rows, sum(number * A_THOUSAND * PRICES[name].dollars for name, number in used.items())


def _besides(few: Count, each: Count) -> str:
    """What is left of a run without its windows."""
    named = {
        "transitions": few.transitions - FEW * each.transitions,
        "function calls": few.calls - FEW * each.calls,
        "S3 writes": few.s3_writes - FEW * each.s3_writes,
        "S3 reads": few.s3_reads - FEW * each.s3_reads,
    }
    return ", ".join(f"{number:.3g} {name}" for name, number in named.items())


def _formula(memory_gb: float) -> str:
    terms = " + ".join(f"{dollars:.8g} * {name}s" for name, dollars in _dollars().items())
    seconds = f"{memory_gb:g} * (seconds of start-export + looks * seconds of poll-status + seconds of fetch-file)"
    return (
        f"Formula: dollars = exports * ({terms}); GB-seconds = {seconds}. Each further look is {FURTHER_LOOK} "
        "transitions and a call, each further 8 MiB of a file an S3 write."
    )


def _told(durations: Mapping[str, Durations]) -> str:
    return ", ".join(
        f"{name} {duration.warm * 1000:.0f} and {duration.cold * 1000:.0f} ms" for name, duration in durations.items()
    )
