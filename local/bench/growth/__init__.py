"""How costs grow with the work: archives of any size, the bounds of requests, sweeps, and their pictures."""
