"""Take in observed prices and moves of our own prices.

Source: docs/spec/signals.md#confirmed-prices; docs/spec/signals.md#looking.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

import msgspec

from quote_service.intelligence.competitors.operations.compare_prices import (
    PastPrice,
    comparable_micro,
    doubt_observation,
    prices_of_competitors,
    prices_of_past,
)
from quote_service.intelligence.signals.model.detection.found import Found, Point, percent_between
from quote_service.intelligence.signals.model.detection.listing import (
    ListingRules,
    ListingState,
    Looked,
    Seen,
    begin_listing,
    look_at_listing,
    vouch_for,
)
from quote_service.intelligence.signals.model.detection.own_price import OwnPriceState, look_at_own_price
from quote_service.intelligence.signals.model.detection.war import (
    WarState,
    forget_their_price,
    look_at_our_price,
    look_at_their_price,
)
from quote_service.intelligence.signals.model.thresholds import Rule
from quote_service.intelligence.signals.operations.looking.evidence import evidence_of
from quote_service.intelligence.signals.operations.looking.record_found import Finding
from quote_service.intelligence.signals.operations.looking.rules import Rules
from quote_service.intelligence.signals.tables.notes import OwnPrice, PriceMove, own_prices, read_states, write_states
from quote_service.intelligence.signals.tables.raised import Matter
from quote_service.platform.money.numbers import scale_decimal
from quote_service.platform.money.quantities import FACTOR_PLACES
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.instants import from_micros, to_micros

#: Prices from before a listing was looked at for the first time that say what is usual.
_PAST = timedelta(days=400)
_ANOMALY = "price_anomaly"

Other = tuple[UUID, UUID | None, str]


class NewPrice(NamedTuple):
    """An observation that nobody has looked at, or that a person vouches for."""

    past: PastPrice
    is_vouched: bool


class Prices:
    """What is known of the prices of a batch, and what was found in it."""

    def __init__(self, connection: Connection, rules: Rules, at_us: int) -> None:
        self.findings: list[Finding] = []
        self._connection = connection
        self._rules = rules
        self._at_us = at_us
        self._listings: dict[str, ListingState] = {}
        self._moves: dict[str, OwnPriceState] = {}
        self._wars: dict[str, WarState] = {}
        self._ours: dict[Other, OwnPrice] = {}
        self._others: dict[Other, dict[UUID, int]] = {}
        self._doubted: dict[UUID, str | None] = {}

    async def look(self, seen: Sequence[NewPrice], moves: Sequence[PriceMove]) -> None:
        """Take in a batch in the order of its instants, and write what is known then."""
        await self._read(seen, moves)
        steps: list[tuple[int, int, NewPrice | PriceMove]] = [
            (to_micros(each.past.observed_at), place, each) for place, each in enumerate(seen)
        ]
        steps += [(each.now.at_us, place, each) for place, each in enumerate(moves)]
        for _, _, step in sorted(steps, key=lambda step: step[:2]):
            if isinstance(step, NewPrice):
                self._look_at_theirs(step)
            else:
                self._look_at_ours(step)
        at = from_micros(self._at_us)
        for observation_id, reason in self._doubted.items():
            await doubt_observation(self._connection, observation_id, reason)
        await write_states(self._connection, "listing", self._listings, at)
        await write_states(self._connection, "price", self._moves, at)
        await write_states(self._connection, "war", self._wars, at)

    async def _read(self, seen: Sequence[NewPrice], moves: Sequence[PriceMove]) -> None:
        products = {each.past.product_id for each in seen} | {each.product_id for each in moves}
        ids = list(products)
        self._ours = {
            (each.product_id, each.variant_id, each.currency): each for each in await own_prices(self._connection, ids)
        }
        for now in await prices_of_competitors(self._connection, ids) if seen else ():
            if now.comparable_price is not None:
                others = self._others.setdefault((now.product_id, now.variant_id, now.currency), {})
                others[now.listing_id] = scale_decimal(Decimal(now.comparable_price), FACTOR_PLACES)
        await self._read_listings(seen)
        items = {_key(each.product_id, each.variant_id, each.currency) for each in moves}
        self._moves = await read_states(self._connection, "price", items, OwnPriceState)
        wars = {_key(*self._own_item(each.past)) for each in seen} | items
        self._wars = await read_states(self._connection, "war", wars, WarState)

    async def _read_listings(self, seen: Sequence[NewPrice]) -> None:
        first: dict[str, PastPrice] = {}
        for each in seen:
            first.setdefault(str(each.past.listing_id), each.past)
        known = await read_states(self._connection, "listing", first, ListingState)
        for listing, state in known.items():
            if state.product == _product_of(first[listing]):
                self._listings[listing] = state
            elif state.odd is not None:
                # It was odd for another product, or another number of units.
                over = Found(action="resolve", kind="price_anomaly", at_us=self._at_us)
                rule = self._rules.of("price_anomaly", first[listing].product_id)
                self._find(over, Matter(subject=f"listing:{listing}"), rule)
        unknown = {listing: past for listing, past in first.items() if listing not in self._listings}
        if not unknown:
            return
        until = max(past.observed_at for past in unknown.values())
        products = list({past.product_id for past in unknown.values()})
        earlier = await prices_of_past(self._connection, products, until - _PAST, until)
        for listing, past in unknown.items():
            self._listings[listing] = begin_listing(_product_of(past), list(_usual(earlier, past)))

    def _look_at_theirs(self, new: NewPrice) -> None:
        past = new.past
        listing, item = str(past.listing_id), (past.product_id, past.variant_id, past.currency)
        rules = ListingRules(
            *(
                self._rules.of(kind, past.product_id)
                for kind in ("competitor_price_drop", "competitor_price_rise", "price_anomaly")
            )
        )
        state = self._listings[listing]
        if state.product != _product_of(past):
            state = begin_listing(_product_of(past), ())
        seen = Seen(str(past.observation_id), to_micros(past.observed_at), comparable_micro(past))
        if new.is_vouched:
            looked = vouch_for(state, seen, rules)
        else:
            others = self._others.get(item, {})
            rivals = [micro for each, micro in others.items() if each != past.listing_id]
            looked = look_at_listing(state, seen, rivals, rules)
        self._listings[listing] = looked.state
        if looked.confirmed is not None and past.doubted_reason == _ANOMALY:
            self._doubted[past.observation_id] = None
        self._note_doubts(looked)
        if looked.doubted:
            self._others.get(item, {}).pop(past.listing_id, None)
        matter = Matter(
            subject=f"listing:{listing}",
            product_id=past.product_id,
            variant_id=past.variant_id,
            competitor_id=past.competitor_id,
            listing_id=past.listing_id,
            currency=past.currency,
        )
        for found in looked.found:
            self._find(found, matter, self._rules.of(found.kind, past.product_id))
        if looked.confirmed is not None:
            self._look_for_war(past, looked.confirmed)
        elif looked.state.looked_at_us == seen.at_us:
            key = _key(*self._own_item(past))
            if key in self._wars:
                self._wars[key] = forget_their_price(self._wars[key], listing)

    def _look_at_ours(self, move: PriceMove) -> None:
        item = (move.product_id, move.variant_id, move.currency)
        key, rule = _key(*item), self._rules.of("price_change", move.product_id)
        before = Point("", move.now.at_us, move.before_micro)
        state, base = look_at_own_price(self._moves.get(key, OwnPriceState()), before, move.now, rule)
        self._moves[key] = state
        matter = Matter(
            subject=f"price:{key}", product_id=move.product_id, variant_id=move.variant_id, currency=move.currency
        )
        if base is not None:
            found = Found(
                action="raise",
                kind="price_change",
                at_us=move.now.at_us,
                before=base,
                now=move.now,
                measured_micro=percent_between(base.micro, move.now.micro),
            )
            self._find(found, matter, rule)
        war = self._rules.of("price_war", move.product_id)
        known = self._wars.get(key, WarState())
        if known.ours is None:
            known = msgspec.structs.replace(known, ours=Point("", move.now.at_us - 1, move.before_micro))
        self._wars[key], about = look_at_our_price(known, move.now, war)
        for each in about:
            self._find(each, msgspec.structs.replace(matter, subject=f"war:{key}"), war)

    def _look_for_war(self, past: PastPrice, now: Point) -> None:
        item = self._own_item(past)
        key, rule = _key(*item), self._rules.of("price_war", past.product_id)
        known = self._wars.get(key)
        if known is None:
            ours = self._ours.get(item)
            # A later move of ours is taken in on its own.
            known = WarState(ours=None if ours is None else ours.at(now.at_us))
        listing, competitor = str(past.listing_id), str(past.competitor_id)
        self._wars[key], about = look_at_their_price(known, now, listing, competitor, rule)
        matter = Matter(subject=f"war:{key}", product_id=item[0], variant_id=item[1], currency=item[2])
        for each in about:
            self._find(each, matter, rule)

    def _own_item(self, past: PastPrice) -> Other:
        """Of which price of ours theirs is a rival: the variant's, where that has one of its own."""
        item = (past.product_id, past.variant_id, past.currency)
        return item if past.variant_id is None or item in self._ours else (past.product_id, None, past.currency)

    def _note_doubts(self, looked: Looked) -> None:
        for observation in looked.doubted:
            self._doubted[UUID(observation)] = _ANOMALY
        for observation in looked.cleared:
            self._doubted[UUID(observation)] = None

    def _find(self, found: Found, matter: Matter, rule: Rule) -> None:
        self.findings.append(Finding(found, matter, rule, evidence_of(found, matter)))


def _usual(earlier: Iterable[PastPrice], before: PastPrice) -> Iterable[Point]:
    for each in earlier:
        micro = comparable_micro(each)
        if (
            each.listing_id == before.listing_id
            and each.currency == before.currency
            and each.observed_at < before.observed_at
            and each.doubted_reason is None
            and micro is not None
        ):
            yield Point(str(each.observation_id), to_micros(each.observed_at), micro)


def _product_of(past: PastPrice) -> str:
    return f"{_key(past.product_id, past.variant_id, past.currency)}:{past.units.normalize():f}"


def _key(product_id: UUID, variant_id: UUID | None, currency: str) -> str:
    return f"{product_id}:{variant_id or ''}:{currency}"
