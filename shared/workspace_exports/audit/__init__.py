"""Operators' commands on an archive: verify and prune. No function imports them."""
