"""Fuzzing of what reads the vendor's bytes and the callers': one target per reader, an oracle each.

A target is a module with `check(content)`, which raises for a fault of the product, and `seeds()`. Neither needs the
fuzzer: the suite runs every oracle over the seeds and over what was ever found, `make fuzz` looks for more.
"""
