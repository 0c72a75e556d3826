"""Calls one handler again and again, as a warm function is: python -I -S -B repeater.py FOLDER MODULE CALLS < EVENT."""

import importlib
import json
import os
import sys
import time
from types import SimpleNamespace

folder, module, calls = sys.argv[1:]
sys.path.insert(0, folder)
handler = importlib.import_module(module).handler
context = SimpleNamespace(function_name="f", aws_request_id="bench", get_remaining_time_in_millis=lambda: 30_000)
event = json.load(sys.stdin)
output, sys.stdout = sys.stdout, open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - no pathlib here
first = time.process_time()
answer = handler(event, context)
began = time.process_time()
for _ in range(int(calls)):
    handler(event, context)
spent = time.process_time() - began
print(
    "\n" + json.dumps({"first_seconds": began - first, "seconds": spent / int(calls), "status": answer["status"]}),
    file=output,
)
