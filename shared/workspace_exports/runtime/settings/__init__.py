"""What functions read from their environment. Each takes the parts it needs; nothing is imported for the others."""
