"""One export from a terminal: the same use cases as on Lambda, the same archive, no AWS needed."""
