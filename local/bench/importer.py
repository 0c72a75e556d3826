"""Imports modules from a folder and says what it took: python -I -S importer.py FOLDER MODULE..."""

import sys
import time

before = set(sys.modules)
sys.path.insert(0, sys.argv[1])
began = time.perf_counter()
for name in sys.argv[2:]:
    __import__(name)
seconds = time.perf_counter() - began
modules = sorted(set(sys.modules) - before)

import gc  # noqa: E402 - not before what is measured
import json  # noqa: E402

with open("/proc/self/status", encoding="ascii") as status:  # noqa: PTH123 - nor pathlib
    peak = next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))
print(json.dumps({"seconds": seconds, "modules": modules, "peak_bytes": peak, "collects": gc.isenabled()}))
