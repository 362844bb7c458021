"""What the pages of price intelligence say, and how they put together what the API tells."""
