"""What a part of a purchase is worth when it is given back.

Source: docs/spec/ledger.md#partial-refunds.
"""

from quote_service.platform.money.amounts import round_half_away


def partial_refund(whole_minor: int, units: int, units_refunded: int, refunded_minor: int) -> int:
    """What is refunded now, such that refunds of all units add up to exactly the whole, however they are cut.

    `round(whole x units refunded so far / units) - refunded so far`: each refund makes good for the rounding of those
    before it. It never has the other sign than the whole.

    Args:
        whole_minor: The figure of all units, in minor units: a price, a tax, a discount, a commission; of any sign.
        units: How many units were bought, >= 1.
        units_refunded: How many of them have been refunded with this refund, 0 to `units`.
        refunded_minor: What the refunds before this one came to, by this same function.

    Returns:
        Minor units, rounded half away from zero once.

    Raises:
        ValueError: More units are refunded than were bought, or fewer than none.
    """
    if not 0 <= units_refunded <= units or units < 1:
        raise ValueError(f"{units_refunded} of {units} units cannot be refunded")
    return round_half_away(whole_minor * units_refunded, units) - refunded_minor
