"""Object storage: what is kept, under which key, and when it counts. Knows nothing of the vendor."""
