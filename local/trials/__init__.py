"""Trials: one fault, one operation, the whole deployed bundle; what it comes to, written down."""
