"""The models measured on real sales that others have published figures about.

Source: docs/demand.md#evaluate."""
