"""One export's life: order, look, fetch, delegate, record, revoke."""
