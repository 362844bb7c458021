"""Why each rule and rate that a quote could have used won or lost.

Nothing is priced here: the outcome comes from `pricing/price_quote.py`, the tests of rules and rates are their own.
"""
