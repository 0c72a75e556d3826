"""Faults of a call to the vendor, as data.

A fault is answered once, to the next call of its operation that carries a right signature: a client that signs badly
must not be able to hide behind a fault. A new kind of fault is a new dataclass in `mishaps` and a branch in the front;
a new fault of a known kind is a line in the `catalogue`.
"""
