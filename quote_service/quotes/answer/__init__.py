"""The JSON of a quote: written, restored to what was signed, and cut for shoppers, by one declaration."""
