"""What is done with price policies and decisions: written, learnt, decided, confirmed, taken back."""
