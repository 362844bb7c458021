"""What each type of pricing rule is configured with, and what it does to a quote."""
