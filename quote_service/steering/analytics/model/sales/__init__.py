"""What was accepted, ordered, refunded and cancelled, as it is counted: exact, and in whole minor units."""
