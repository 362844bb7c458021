"""Rules and rates: what counts when, how versions differ, and what a draft would do."""
