"""Mutation testing: the product's core with one small fault at a time, and whether the tests notice.

The faults are those of mutmut, planted by its own operators. Its runner is not used: it leaves out whatever has a
decorator, half of what the retries and the planner are made of, and forks from a process that has run the tests.
"""
