"""Checks of what `make` is given, before anything is started: what SAM and make pass over is refused by name."""
