"""The floor of every client over httpx: one GET again and again, unsigned: httpx_get.py ENDPOINT CALLS."""

import json
import sys
import time

import httpx

endpoint, calls = sys.argv[1:]
first = time.process_time()
with httpx.Client() as client:
    client.get(endpoint)
    began = time.process_time()
    for _ in range(int(calls)):
        client.get(endpoint)
    spent = time.process_time() - began
print(json.dumps({"first_seconds": began - first, "seconds": spent / int(calls)}))
