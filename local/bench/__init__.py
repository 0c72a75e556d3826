"""Benchmarks: what the bundle costs, side by side with what a user would pick instead, as ratios in one run."""
