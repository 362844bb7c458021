"""What a campaign is and what it makes of a price. Pure."""
