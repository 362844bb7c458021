"""The words of access: pure structs and errors."""
