"""A reservation: units of an item that were taken for a customer, on their way to being recorded.

Written as one line of text, the same in the stream, in the record that a release needs and under its idempotency key:
`id|customer|quantity|price|reserved_ms|expires_ms|epoch|number|fingerprint|key`. The key stands last, because it alone
may hold a bar.

Source: docs/spec/flash-sales.md#admission-and-decision.
"""

from uuid import UUID

import msgspec

from quote_service.platform.system.identifiers import uuid7

_ITEM_BITS = 32
_FIELDS = 10


class NotAReservation(ValueError):
    """The text is none; its message says why."""


class Reservation(msgspec.Struct, frozen=True, kw_only=True):
    """Units taken by one clock; `expires_ms` 0 means that nothing is held open and recording it confirms it.

    `number` counts the reservations of an epoch, from 1; 0 where PostgreSQL admitted it.
    """

    id: UUID
    customer_id: UUID
    quantity: int
    unit_price_minor: int
    reserved_ms: int
    expires_ms: int
    epoch: int
    number: int
    fingerprint: str
    idempotency_key: str

    @property
    def item_id(self) -> int:
        """The item that the reservation is of; its id says so."""
        return item_of_purchase(self.id)


def purchase_id(item_id: int, instant_ms: int, random_74: int) -> UUID:
    """A new purchase's id: its time, 42 random bits, and the item, so that it is found without asking every item."""
    return msgspec.convert(uuid7(instant_ms, random_74 >> _ITEM_BITS << _ITEM_BITS | item_id), UUID)


def item_of_purchase(identifier: UUID) -> int:
    """The item that a purchase's id names; of an id that is no purchase's, an item that it is not found in."""
    return identifier.int & (1 << _ITEM_BITS) - 1


def read_reservation(text: str) -> Reservation:
    """Read the line.

    Raises:
        NotAReservation: It is no such line.
    """
    parts = text.split("|", _FIELDS - 1)
    if len(parts) != _FIELDS:
        raise NotAReservation(f"it has {len(parts)} of {_FIELDS} fields")
    try:
        return Reservation(
            id=msgspec.convert(parts[0], UUID),  # in a third of the time that UUID() takes
            customer_id=msgspec.convert(parts[1], UUID),
            quantity=int(parts[2]),
            unit_price_minor=int(parts[3]),
            reserved_ms=int(parts[4]),
            expires_ms=int(parts[5]),
            epoch=int(parts[6]),
            number=int(parts[7]),
            fingerprint=parts[8],
            idempotency_key=parts[9],
        )
    except (ValueError, msgspec.ValidationError) as unreadable:
        raise NotAReservation(str(unreadable)) from None


def reservation_text(reservation: Reservation) -> str:
    """The line of a reservation."""
    return "|".join(
        (
            str(reservation.id),
            str(reservation.customer_id),
            str(reservation.quantity),
            str(reservation.unit_price_minor),
            str(reservation.reserved_ms),
            str(reservation.expires_ms),
            str(reservation.epoch),
            str(reservation.number),
            reservation.fingerprint,
            reservation.idempotency_key,
        )
    )
