"""Checks of an archive by an operator: verify and prune. No function imports them."""
