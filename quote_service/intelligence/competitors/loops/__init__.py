"""What runs in the background: fetching, reading what was uploaded, proposing matches, tidying up."""
