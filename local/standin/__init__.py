"""Stand-in for the vendor: real HTTP, verified signatures, genuine files, scripted faults.

It serves tests, the workflow tests and the demo alike, and knows nothing of the product. `server` has it as one object.
"""
