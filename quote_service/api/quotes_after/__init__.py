"""After the quote: accept, verify, explain; and beside it: batch, simulate.

Source: spec 2, After the quote.
"""
