"""The words of pricing: frozen structs and exact arithmetic. Standard library and msgspec only."""
