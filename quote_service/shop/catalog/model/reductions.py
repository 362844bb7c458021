"""A reduction of a price as it may be announced, on the wire.

Source: docs/spec/price-reductions.md.
"""

from datetime import datetime

import msgspec

from quote_service.platform.money.numbers import ExactNumber
from quote_service.pricing.asked.price_reduction import AskedCause


class ShownReduction(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A reduction that may be announced, by article 6a of directive 98/6/EC."""

    price: ExactNumber
    """What everybody is asked for one unit now, promotions included."""
    prior_price: ExactNumber
    """The lowest price that everybody was asked for in the 30 days before the reduction began: the only price that the reduction may be announced against."""
    percent_off: int
    """By how many whole percent of `prior_price` the price is lower, rounded down; 0 for less than one."""
    started_at: datetime
    """When the reduction began; of reductions that followed each other, ever lower, the first."""
    cause: AskedCause
    """What asks for the price now: the list price itself, a price rule, a promotion or a flash sale."""
