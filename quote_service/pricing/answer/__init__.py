"""The JSON of a quote, written from the parts that compiled rules and rates keep ready."""
