"""Use cases of one export's life: order, poll, fetch, delegate, record, revoke."""
