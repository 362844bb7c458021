"""Which limit a customer a reservation was admitted under: PostgreSQL's own history tells, never the reservation.

Source: docs/spec/flash-sales.md#changing-a-sale; docs/decisions/former-limits.md.
"""

from collections.abc import Iterable
from typing import NamedTuple

from quote_service.selling.flash_sales.model.reservation import Reservation


class FormerLimit(NamedTuple):
    """A limit that was lowered; `until` is the epoch and number of the last reservation that it may have admitted.

    `until` None: Redis may still admit under it.
    """

    limit: int
    until: tuple[int, int] | None


def limit_of(reservation: Reservation, current: int, former: Iterable[FormerLimit]) -> int:
    """The highest limit that Redis may have known when it made the reservation."""
    made = (reservation.epoch, reservation.number)
    return max([current, *(one.limit for one in former if one.until is None or made <= one.until)])
