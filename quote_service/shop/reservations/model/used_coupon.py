"""A coupon that an accepted quote used, as it is told to whoever asks what is held about a customer.

Source: docs/spec/customers.md#export.
"""

from datetime import datetime

import msgspec


class UsedCoupon(msgspec.Struct, frozen=True):
    """A coupon that an accepted quote used."""

    rule_name: str
    """Name of the coupon's rule."""
    code: str
    """The code of the coupon."""
    used_at: datetime
    """When it was used."""
    given_back_at: datetime | None
    """When the use was given back, because the order was cancelled; null if it counts."""
