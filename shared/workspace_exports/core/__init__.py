"""Errors, types, time and text, which every other room uses. This room imports no other room."""
