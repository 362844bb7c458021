"""`quote-service dev`: everything on one machine, from nothing to a priced basket.

Source: spec 9, "One command from nothing".
"""
