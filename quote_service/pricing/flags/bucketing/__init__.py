"""Which units are inside a rollout and which arm each gets, by the algorithm stored on the flag: one file an algorithm."""
