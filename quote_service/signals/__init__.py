"""What is worth a look: prices that fall, rise or cannot be right, demand that surges, sources that are silent.

Source: docs/spec/signals.md."""
