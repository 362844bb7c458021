"""The bytes of a basket to a basket, every fault named."""
