"""Declarations of the exports, one module per family. Read them next to the vendor's reference pages."""
