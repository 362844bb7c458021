"""The coefficient of variation out of exact sums.

Source: docs/spec/market-analysis.md#volatility.
"""

from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

# Sums have up to 38 digits, and squares of sums twice as many.
_WIDE: Final = Context(prec=100)
_PLACES: Final = Decimal("0.000001")


def variation(count: int, total: Decimal, squares: Decimal) -> Decimal:
    """The standard deviation of so many prices over their mean, to six decimals.

    Args:
        count: How many, at least 1.
        total: Their sum.
        squares: The sum of their squares.

    Returns:
        0 where all are equal, or free.
    """
    if total == 0:
        return Decimal(0)
    spread = _WIDE.subtract(_WIDE.multiply(Decimal(count), squares), _WIDE.multiply(total, total))
    found = _WIDE.divide(_WIDE.sqrt(spread), total)
    return found.quantize(_PLACES, ROUND_HALF_UP, _WIDE)
