"""Many days: plan, report, ledger, page."""
