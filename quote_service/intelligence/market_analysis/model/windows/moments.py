"""An event of the bus as what is counted of it: one reading for whichever engine counts.

Source: docs/spec/market-analysis.md#windows.
"""

from collections.abc import Callable
from datetime import datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Annotated, Any, Final, NamedTuple
from uuid import UUID

import msgspec

from quote_service.platform.event_bus.model.events import Event
from quote_service.platform.system.instants import to_micros

_Instant = Annotated[datetime, msgspec.Meta(tz=True)]
_Currency = Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]
_Count = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]

# Sums and quotients of any two amounts of a message, exactly or rounded once.
_WIDE: Final = Context(prec=200)
_MILLIONTH: Final = Decimal("0.000001")
_PRICE_BELOW: Final = Decimal(10**12)
_UNITS_LEAST: Final = Decimal("0.000000001")


class Moment(NamedTuple):
    """What is counted of one event.

    Attributes:
        event_id: The event's.
        product_id: The product.
        currency: ISO 4217 code; empty where no money is concerned.
        at_us: When it happened.
        price: The price that is compared, of one unit of ours.
        mark: Of a move of our price: its instant, event and price, so that marks sort as moves do.
        listing_id: The competitor's listing.
        counted: 1 for what the subject is about, 0 for what is said of it later.
        removed: 1 where our price was taken away.
        doubted: 1 where an observation came to be doubted.
        applied: 1 where a decision was applied.
        views: And those after it: what shoppers did.
    """

    event_id: str
    product_id: str
    currency: str
    at_us: int
    price: Decimal | None = None
    mark: str | None = None
    listing_id: str | None = None
    counted: int = 1
    removed: int = 0
    doubted: int = 0
    applied: int = 0
    views: int = 0
    searches: int = 0
    carts: int = 0
    cart_units: int = 0
    purchases: int = 0
    purchase_units: int = 0


#: The counts, in their order.
COUNTS: Final = Moment._fields[Moment._fields.index("counted") :]


class _PriceMove(msgspec.Struct, frozen=True):
    product_id: UUID
    variant_id: UUID | None
    currency: _Currency
    new_price: Decimal | None
    at: _Instant


class _Observation(msgspec.Struct, frozen=True):
    listing_id: UUID
    product_id: UUID | None
    units: Decimal
    currency: _Currency
    price: Decimal | None
    availability: str
    condition: str
    observed_at: _Instant


class _Doubt(msgspec.Struct, frozen=True):
    listing_id: UUID
    product_id: UUID | None
    doubted_reason: str | None
    # As of a release that did not tell them.
    currency: _Currency | None = None
    observed_at: _Instant | None = None
    was_doubted: bool = True


class _Behaviour(msgspec.Struct, frozen=True):
    product_id: UUID
    minute: _Instant
    views: _Count = 0
    searches: _Count = 0
    carts: _Count = 0
    cart_units: _Count = 0
    purchases: _Count = 0
    purchase_units: _Count = 0


class _Decision(msgspec.Struct, frozen=True):
    product_id: UUID
    currency: _Currency


def moment_of(event: Event) -> Moment | None:
    """What is counted of an event; None where nothing is: of another type, a variant, or a listing of no product.

    Raises:
        msgspec.DecodeError: Its data is not that of its type.
    """
    reading = _READINGS.get(event.type)
    return None if reading is None else reading(event)


def _of_price(event: Event) -> Moment | None:
    move = _read(event, _MOVES)
    if move.variant_id is not None:
        return None
    at_us, price = _micros(move.at), _counting_price(move.new_price)
    mark = None if price is None else f"{at_us:018d} {event.id} {price}"
    removed = int(move.new_price is None)
    return Moment(str(event.id), str(move.product_id), move.currency, at_us, price, mark, removed=removed)


def _of_observation(event: Event) -> Moment | None:
    seen = _read(event, _OBSERVATIONS)
    if seen.product_id is None:
        return None
    if not seen.units.is_finite() or not _UNITS_LEAST <= seen.units < _PRICE_BELOW:
        raise msgspec.ValidationError("units must be a number above 0 - at `$.units`")
    # As in the analysis by days: what cannot be bought, or is not new, has no price that counts.
    is_offered = seen.availability not in ("out_of_stock", "discontinued") and seen.condition not in (
        "used",
        "refurbished",
        "damaged",
    )
    price = _counting_price(seen.price, seen.units) if is_offered else None
    ids = str(event.id), str(seen.product_id), seen.currency
    return Moment(*ids, _micros(seen.observed_at), price, listing_id=str(seen.listing_id))


def _of_doubt(event: Event) -> Moment | None:
    doubt = _read(event, _DOUBTS)
    if doubt.product_id is None or doubt.currency is None or doubt.observed_at is None:
        return None
    if doubt.was_doubted or doubt.doubted_reason is None:
        return None
    ids = str(event.id), str(doubt.product_id), doubt.currency
    return Moment(*ids, _micros(doubt.observed_at), counted=0, doubted=1)


def _of_behaviour(event: Event) -> Moment | None:
    counts = _read(event, _BEHAVIOUR)
    reported = {name: getattr(counts, name) for name in COUNTS if hasattr(counts, name)}
    return Moment(str(event.id), str(counts.product_id), "", _micros(counts.minute), **reported)


def _of_decision(event: Event) -> Moment | None:
    decision = _read(event, _DECISIONS)
    ids = str(event.id), str(decision.product_id), decision.currency
    return Moment(*ids, _micros(event.at), applied=int(event.type == "decision.applied"))


_MOVES: Final = msgspec.json.Decoder(_PriceMove)
_OBSERVATIONS: Final = msgspec.json.Decoder(_Observation)
_DOUBTS: Final = msgspec.json.Decoder(_Doubt)
_BEHAVIOUR: Final = msgspec.json.Decoder(_Behaviour)
_DECISIONS: Final = msgspec.json.Decoder(_Decision)

_READINGS: Final[dict[str, Callable[[Event], Moment | None]]] = {
    "price.changed": _of_price,
    "competitor.observed": _of_observation,
    "competitor.doubted": _of_doubt,
    "behaviour.counted": _of_behaviour,
    **dict.fromkeys(
        ("decision.held", "decision.suggested", "decision.applied", "decision.rejected", "decision.rolled_back"),
        _of_decision,
    ),
}


def _read(event: Event, decoder: Any) -> Any:
    return decoder.decode(event.data)


def _micros(instant: datetime) -> int:
    at_us = to_micros(instant)
    if at_us < 0:
        raise msgspec.ValidationError("an instant must be after 1970")
    return at_us


def _counting_price(price: Decimal | None, units: Decimal = Decimal(1)) -> Decimal | None:
    """The price of one unit as every engine keeps it, rounded once to a millionth; None where it is none that counts."""
    if price is None or not price.is_finite() or not 0 <= price < _PRICE_BELOW:
        return None
    of_one = _WIDE.divide(price, units)
    if of_one >= _PRICE_BELOW:
        return None
    rounded = of_one.quantize(_MILLIONTH, ROUND_HALF_UP, _WIDE)
    return rounded if rounded < _PRICE_BELOW else None


#: What each column is, in Spark's words; `string` is `text` elsewhere.
MOMENT_KINDS: Final = {
    name: "int" if name in COUNTS else {"at_us": "bigint", "price": "decimal(18,6)"}.get(name, "string")
    for name in Moment._fields
}
