"""Commands of `workspace-exports`: one module for each, listed in `program`. No function imports them.

`local/artifact` leaves this room out of the package for Lambda.
"""
