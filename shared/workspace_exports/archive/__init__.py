"""Records of one export in the archive: its keys, order, file, manifest and failure. The vendor is not called here."""
