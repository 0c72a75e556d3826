"""Faults as data, in order or by dice, and the server that injects them; the stand-in and the storage add their own."""
