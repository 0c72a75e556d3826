"""Checks of a set-up, in their order, and their results."""
