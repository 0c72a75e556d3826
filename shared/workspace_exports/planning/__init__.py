"""Which days to ask for, and when to look again. Pure: nothing here calls out."""
