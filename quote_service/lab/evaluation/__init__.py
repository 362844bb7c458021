"""The models measured on real sales that others have published figures about.

Source: docs/spec/demand.md#evaluate."""
