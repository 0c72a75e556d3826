"""Looks after an archive from a terminal: verifies it, and sweeps what nothing names."""
