"""Settings that functions read from their environment. Each function imports only the parts that it needs."""
