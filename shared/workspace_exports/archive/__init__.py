"""Records of one export in the archive: its keys, order, file, manifest and failure. It knows no vendor."""
