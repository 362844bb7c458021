"""Events of every subject as they come over the bus: out of order, twice, late, ahead of the clock, of no interest.

Source: docs/spec/market-analysis.md#windows.
"""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from quote_service.intelligence.market_analysis.model.windows.subjects import TOPIC_OF, WindowSubject
from quote_service.intelligence.market_analysis.model.windows.terms import AHEAD_US, window_terms
from quote_service.platform.event_bus.model.events import Event
from quote_service.platform.system.identifiers import uuid7
from quote_service.platform.system.instants import from_micros, instant_text, to_micros

TERMS = window_terms(300, 700)
MINUTE_US = 60_000_000
PRODUCTS = [f"00000000-0000-7000-8000-{number:012d}" for number in range(3)]
LISTINGS = [f"00000000-0000-7000-9000-{number:012d}" for number in range(4)]
_PRICES = ("9.9", "10", "10.000001", "0", "999999999999.9999994", "1000000000000", "12.5", "1E+2")

Batches = list[list[Event]]


def event_of(subject: WindowSubject, kind: str, data: dict[str, Any], at: datetime) -> Event:
    """An event, told at an instant."""
    number = random.getrandbits(74)
    event_id = UUID(uuid7(to_micros(at) // 1000, number))
    key = data.get("product_id") or data.get("listing_id") or PRODUCTS[0]
    return Event(event_id, TOPIC_OF[subject], key, kind, at, msgspec.Raw(msgspec.json.encode(data)))


def draw_batches(seed: int, subject: WindowSubject, now: datetime) -> Batches:
    """Some batches, each later than the one before on the whole; every instant lies before the clock's, or well ahead of it."""
    chance = random.Random(seed)
    width_us = TERMS.width_us
    clock_us = to_micros(now) - 24 * 60 * MINUTE_US
    # On the beginning of a window, so that edges are met.
    clock_us -= clock_us % width_us
    batches: Batches = []
    reported: list[Event] = []
    for _ in range(chance.randrange(1, 6)):
        batch: list[Event] = []
        for _ in range(chance.randrange(0, 14)):
            kind = chance.randrange(10)
            if kind == 0 and reported:
                batch.append(chance.choice(reported))
                continue
            if kind == 1:
                at_us = to_micros(now) + AHEAD_US + chance.randrange(120, 10_000) * MINUTE_US
            elif kind < 5:
                # On an edge of a window, or a microsecond before it.
                at_us = clock_us + chance.randrange(-9, 3) * width_us - chance.randrange(2)
            else:
                at_us = clock_us + chance.randrange(-40 * MINUTE_US, 10 * MINUTE_US)
            event = _DRAWN[subject](chance, from_micros(at_us))
            reported.append(event)
            batch.append(event)
        batches.append(batch)
        clock_us += chance.randrange(0, 5) * width_us
    return batches


def _move(chance: random.Random, at: datetime) -> Event:
    data = {
        "product_id": chance.choice(PRODUCTS),
        "variant_id": LISTINGS[0] if chance.random() < 0.1 else None,
        "currency": chance.choice(("EUR", "TRY")),
        "old_price": "1",
        "new_price": None if chance.random() < 0.1 else chance.choice(_PRICES),
        "reason": "manual",
        "source_id": None,
        "at": instant_text(to_micros(at)),
    }
    return event_of("prices", "price.changed", data, at)


def _observation(chance: random.Random, at: datetime) -> Event:
    found = {
        "listing_id": chance.choice(LISTINGS),
        "product_id": None if chance.random() < 0.1 else chance.choice(PRODUCTS),
        "currency": chance.choice(("EUR", "TRY")),
        "observed_at": instant_text(to_micros(at)),
    }
    if chance.random() < 0.2:
        doubt = {"doubted_reason": chance.choice(("far", None)), "was_doubted": chance.random() < 0.3}
        old = {} if chance.random() < 0.8 else {"currency": None, "observed_at": None}
        return event_of("competitors", "competitor.doubted", {**found, **doubt, **old}, at)
    offer = {
        "units": chance.choice(("1", "3", "0.7", "12")),
        "price": None if chance.random() < 0.1 else chance.choice(_PRICES),
        "availability": chance.choice(("in_stock", "in_stock", "out_of_stock")),
        "condition": chance.choice(("new", "new", "new", "used")),
    }
    return event_of("competitors", "competitor.observed", {**found, **offer}, at)


def _behaviour(chance: random.Random, at: datetime) -> Event:
    data = {
        "product_id": chance.choice(PRODUCTS),
        "minute": instant_text(to_micros(at)),
        **{name: chance.randrange(5) for name in ("views", "searches", "carts", "purchases")},
        "cart_units": chance.choice((0, 3, 2**31 - 1)),
        "purchase_units": chance.randrange(100),
    }
    return event_of("behaviour", "behaviour.counted", data, at)


def _decision(chance: random.Random, at: datetime) -> Event:
    kind = chance.choice(("applied", "held", "suggested", "rejected", "rolled_back", "something_new"))
    data = {"product_id": chance.choice(PRODUCTS), "currency": "EUR", "state": kind, "price": 12.5}
    return event_of("decisions", f"decision.{kind}", data, at)


_DRAWN = {"prices": _move, "competitors": _observation, "behaviour": _behaviour, "decisions": _decision}
