"""What a price decision is, and the bounds that no decision leaves. Pure."""
