"""Amounts and factors of a configuration, in whole numbers and as the literals that descriptions show."""

from decimal import Decimal

from quote_service.platform.money.amounts import amount_text, decimal_text
from quote_service.platform.money.numbers import scale_decimal

PLACES = 6  # of factors and percentages: millionths


def optional_scaled(number: Decimal | None, places: int) -> int | None:
    """A number in units of 10**-places; None stays None."""
    return None if number is None else scale_decimal(number, places)


def amount_literal(amount: Decimal, exponent: int) -> str:
    """An amount with exactly the currency's digits."""
    return amount_text(scale_decimal(amount, exponent), exponent)


def factor_literal(factor: Decimal) -> str:
    """A factor without trailing zeros."""
    return decimal_text(scale_decimal(factor, PLACES), PLACES)
