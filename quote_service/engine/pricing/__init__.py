"""The steps of a quote, in the order of spec 2."""
