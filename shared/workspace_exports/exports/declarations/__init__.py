"""The declarations, one module per family, to be read next to the vendor's reference pages."""
