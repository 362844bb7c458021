"""What others charge: competitors, sources that are watched, and what was observed.

Source: docs/spec/competitors.md."""
