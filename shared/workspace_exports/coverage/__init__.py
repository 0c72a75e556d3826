"""Use cases of many days: plan, report, ledger, page."""
