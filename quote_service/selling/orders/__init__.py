"""Orders: accepted quotes that are paid for, fulfilled, cancelled and refunded."""
