"""Looking at what is new: taken in, held against what is known, and raised."""
