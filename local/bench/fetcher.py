"""Calls one handler as Lambda would: python -I -S -B fetcher.py FOLDER MODULE, the event on standard input."""

import importlib
import json
import sys
from types import SimpleNamespace

sys.path.insert(0, sys.argv[1])
handler = importlib.import_module(sys.argv[2]).handler
context = SimpleNamespace(function_name="f", aws_request_id="bench", get_remaining_time_in_millis=lambda: 900_000)
answer = handler(json.load(sys.stdin), context)
with open("/proc/self/status", encoding="ascii") as status:  # noqa: PTH123 - no pathlib here
    peak = next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))
print("\n" + json.dumps({"peak_bytes": peak, **answer["archived"]}))
