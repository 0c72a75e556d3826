"""Looks at a set-up before anything is ordered, and says what to mend."""
