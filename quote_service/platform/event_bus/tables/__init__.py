"""The outbox and what consumers keep as rows, and the two buses."""
