"""Library that the functions share. Each room has one task.

A room imports from rooms below it, and never from one beside it. pyproject.toml holds the same layers as a contract,
which `make lint` checks.

    commands                        the program `workspace-exports`; never deployed, and no other room imports it
    runtime                         entry points, HTTP, settings and what they open
    lifecycle, coverage, audit      one export: order, poll, fetch, delegate, record, revoke
                                    many days: plan, report, ledger, page
                                    an operator's checks: verify, prune
    archive, client                 records of one export in object storage; the vendor's service over HTTP
    storage, orders, metrics        buckets and folders; what an order is to client and archive; CloudWatch metrics
    aws, events                     a secret, a workflow, a signature; what the functions take and return
    network, exports                proxies, certificates, HTTP; the catalogue of exports
    core                            errors, types, time, text; imports no other room
"""

import gc
import os

# Imported objects stay, and each collection would walk them again. `runtime` switches the collector on after import.
if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    gc.disable()
