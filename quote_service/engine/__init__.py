"""The decisions: plain functions of their arguments, without clock, chance or I/O."""
