"""Counts of what becomes of reservations, and of quotes refused for what they would take.

Source: docs/spec/operations.md#telemetry.
"""

from typing import Literal

from quote_service.platform.system.errors import QuoteServiceError
from quote_service.platform.telemetry.registry import Registry
from quote_service.shop.reservations.model.refusals import (
    BudgetExhausted,
    CouponExhausted,
    OutOfStock,
    ReservationLimit,
)

Event = Literal["reserved", "extended", "released", "expired"]
_EVENTS: tuple[Event, ...] = ("reserved", "extended", "released", "expired")
REFUSALS = (OutOfStock, CouponExhausted, BudgetExhausted, ReservationLimit)


class ReservationMeters:
    """A counter an event and one a refusal; all are there from the start, so that the first of each is seen."""

    __slots__ = ("_events", "_refusals")

    def __init__(self, registry: Registry) -> None:
        meaning = "Quotes that were reserved, reserved for longer, released, or whose reservation expired"
        self._events = {
            event: registry.counter("quote_reservations_total", meaning, {"event": event}) for event in _EVENTS
        }
        meaning = "Quotes that could not be accepted, ordered or reserved for what they would take, by problem"
        self._refusals = {
            leaf.code: registry.counter("quote_claim_refusals_total", meaning, {"reason": leaf.code})
            for leaf in REFUSALS
        }

    def count(self, event: Event, count: int = 1) -> None:
        """So many are committed."""
        self._events[event].add(count)

    def refused(self, refusal: QuoteServiceError) -> None:
        """A quote was refused; for another reason than what it would take it does not count."""
        counter = self._refusals.get(refusal.code)
        if counter is not None:
            counter.add()
