"""How much has to be added to a basket until a threshold is reached, where discounts have a part in what is added.

Source: docs/spec/hints.md#what-is-priced.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from quote_service.pricing.quote import Quote

_TRIES_MAX: Final = 4
_ROUNDING_MINOR: Final = 1
_MORE: Final = 2  # where what is added so far has brought a discount that is greater


class Reached(NamedTuple):
    """An amount in minor units, and the quote with goods of it."""

    amount_minor: int
    quote: Quote


def reach_threshold(
    missing_minor: int, price_with: Callable[[int], Quote | None], lacking: Callable[[Quote], int]
) -> Reached | None:
    """Find an amount that reaches a threshold, about as small as does.

    Args:
        missing_minor: What is missing, > 0; enough where no discount has a part in it.
        price_with: The quote with goods of an amount; None where there is none.
        lacking: What a quote lacks to the threshold; 0 or less where it reaches it.

    Returns:
        None where it is not reached within some tries.
    """
    amount_minor, short_by, best = missing_minor, (0, 0), None
    for _ in range(1 + _TRIES_MAX):
        quote = price_with(amount_minor)
        if quote is None:
            break
        short_minor = lacking(quote)
        if short_minor <= 0:
            best = Reached(amount_minor, quote)
            if amount_minor == missing_minor or short_minor >= -_ROUNDING_MINOR:
                break
        else:
            short_by = (amount_minor, short_minor)
        following = _between(short_by, best, lacking) if best is not None else _beyond(short_by, missing_minor)
        if best is not None and following >= best.amount_minor:
            break
        amount_minor = following
    return best


def _beyond(short_by: tuple[int, int], missing_minor: int) -> int:
    """An amount that would be enough, did the rest count as what was added so far."""
    amount_minor, short_minor = short_by
    gained_minor = missing_minor - short_minor
    if gained_minor <= 0:
        return amount_minor + _MORE * short_minor
    return amount_minor + -(-short_minor * amount_minor // gained_minor)


def _between(short_by: tuple[int, int], best: Reached, lacking: Callable[[Quote], int]) -> int:
    """An amount between one that falls short and one that is too much."""
    amount_minor, short_minor = short_by
    over_minor = -lacking(best.quote)
    return amount_minor + -(-(best.amount_minor - amount_minor) * short_minor // (short_minor + over_minor))
