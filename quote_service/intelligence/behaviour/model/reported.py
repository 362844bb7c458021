"""What is reported of shoppers. There is no field that says who it was, and a field that is not named here is refused.

Source: docs/spec/behaviour.md#events.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from quote_service.platform.system.errors import Fault

BehaviourType = Literal["view", "search", "cart", "purchase"]

REPORTED_MAX = 1000
#: Of a shopper, who reports one visit.
SHOPPER_MAX = 100
HOW_OLD = timedelta(hours=24)
AHEAD = timedelta(minutes=5)


class BehaviourEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something that a shopper did with a product."""

    type: BehaviourType
    """`view`: its page was seen. `search`: it was among the results of a search. `cart`: it was put into a cart.
    `purchase`: it was bought."""
    product_id: UUID
    """The product."""
    quantity: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 1
    """Units, of `cart` and `purchase`."""
    at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    """When; now if left out. At most 24 hours ago."""


class BehaviourBatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What shoppers did."""

    events: Annotated[list[BehaviourEvent], msgspec.Meta(min_length=1, max_length=REPORTED_MAX)]
    """Each is taken or refused by itself. Shoppers report up to 100 at a time."""


class EventFault(msgspec.Struct, frozen=True):
    """One thing wrong with an event."""

    pointer: str
    """Where it stands in the request, as a JSON Pointer."""
    detail: str
    """What is wrong, in words."""


class RefusedEvent(msgspec.Struct, frozen=True):
    """An event that was not taken, and why."""

    position: int
    """Its place in the request, from 0."""
    errors: list[EventFault]
    """Everything that is wrong with it."""


class BehaviourReceipt(msgspec.Struct, frozen=True):
    """What became of reported events."""

    accepted: int
    """Events that were taken; they count within seconds."""
    refused: list[RefusedEvent]
    """Those that were not."""


def event_faults(
    given: BehaviourEvent, pointer: str, at: datetime, *, is_product: bool, by_shopper: bool
) -> Iterator[Fault]:
    """What is wrong with a well-formed event.

    Args:
        given: The event.
        pointer: Where it stands in what was sent.
        at: Now.
        is_product: Whether there is such a product.
        by_shopper: Whether a shopper reports it, who has no say in what was bought.
    """
    if by_shopper and given.type == "purchase":
        yield Fault(f"{pointer}/type", "must not be purchase: the shop reports what was bought")
    if not is_product:
        yield Fault(f"{pointer}/product_id", "there is no such product")
    if given.quantity != 1 and given.type in ("view", "search"):
        yield Fault(f"{pointer}/quantity", "is for cart and purchase")
    if given.at is not None and not at - HOW_OLD <= given.at <= at + AHEAD:
        yield Fault(f"{pointer}/at", "must be within the last 24 hours")
