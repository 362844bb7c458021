"""What publishes change sets at their instants."""
