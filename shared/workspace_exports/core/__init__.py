"""Ground that every other room stands on: errors, types, time. It imports nothing of ours."""
