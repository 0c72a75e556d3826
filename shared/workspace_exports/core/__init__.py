"""Errors, types, time and text, which every other room uses. It imports no other room."""
