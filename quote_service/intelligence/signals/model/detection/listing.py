"""What an observation of a listing says: an odd price, a drop, a rise, or nothing.

Source: docs/spec/signals.md#confirmed-prices.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from quote_service.intelligence.demand.anomalies.score_price import MOST_HISTORY, score_price
from quote_service.intelligence.signals.model.detection.found import Found, Point, percent_between
from quote_service.intelligence.signals.model.detection.moves import Latch, step_move
from quote_service.intelligence.signals.model.thresholds import Rule

# Prices this near are the same price, where one of them is odd or was vouched for.
_SAME_PERCENT = 2


class Seen(NamedTuple):
    """An observation; `micro` is None where nothing is sold or no price is told."""

    id: str
    at_us: int
    micro: int | None


class ListingRules(NamedTuple):
    """The rules that count for the listing's product."""

    drop: Rule
    rise: Rule
    anomaly: Rule


class Odd(msgspec.Struct, frozen=True, array_like=True):
    """The odd price that a listing has, and the observations that are doubted for it."""

    micro: int
    ids: tuple[str, ...]


class ListingState(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a listing.

    `product` says of what its prices are, with variant, currency and units: with another one it begins again. `history` holds
    confirmed prices, the latest last.
    """

    product: str
    looked_at_us: int = -1
    history: tuple[int, ...] = ()
    last: Point | None = None
    odd: Odd | None = None
    vouched_micro: int | None = None
    fall: Latch | None = None
    rise: Latch | None = None


class Looked(NamedTuple):
    """What follows: `doubted` and `cleared` are observations, `confirmed` the price that is confirmed now."""

    state: ListingState
    found: tuple[Found, ...] = ()
    doubted: tuple[str, ...] = ()
    cleared: tuple[str, ...] = ()
    confirmed: Point | None = None


def begin_listing(product: str, past: Sequence[Point]) -> ListingState:
    """A listing that is looked at for the first time, with confirmed prices from before, the latest last."""
    if not past:
        return ListingState(product=product)
    history = tuple(point.micro for point in past[-MOST_HISTORY:])
    return ListingState(product=product, looked_at_us=past[-1].at_us, history=history, last=past[-1])


def look_at_listing(state: ListingState, seen: Seen, others_micro: Sequence[int], rules: ListingRules) -> Looked:
    """Take in an observation. One that is not later than the last changes nothing.

    Args:
        state: What is known of the listing.
        seen: The observation.
        others_micro: What other listings of the product that may be compared cost now, in the same currency.
        rules: Of its product.
    """
    if seen.at_us <= state.looked_at_us:
        return Looked(state)
    state = msgspec.structs.replace(state, looked_at_us=seen.at_us)
    if seen.micro is None:
        return Looked(state)
    point = Point(seen.id, seen.at_us, seen.micro)
    odd = _oddity(state, point, others_micro, rules.anomaly)
    if odd is None:
        return _confirm(state, point, rules)
    reported = state.odd
    if reported is not None and _is_same(reported.micro, point.micro):
        kept = Odd(reported.micro, (*reported.ids, point.id)[-MOST_HISTORY:])
        return Looked(msgspec.structs.replace(state, odd=kept), doubted=(point.id,))
    return Looked(msgspec.structs.replace(state, odd=Odd(point.micro, (point.id,))), found=(odd,), doubted=(point.id,))


def vouch_for(state: ListingState, seen: Seen, rules: ListingRules) -> Looked:
    """A person says that an odd price is right: it is confirmed as if it had never been odd, unless another followed."""
    if seen.micro is None:
        return Looked(state)
    state = msgspec.structs.replace(state, vouched_micro=seen.micro)
    odd = state.odd
    if odd is None or seen.id not in odd.ids:
        return Looked(state, cleared=(seen.id,))
    confirmed = _confirm(state, Point(seen.id, seen.at_us, seen.micro), rules)
    return confirmed._replace(cleared=odd.ids)


def _confirm(state: ListingState, now: Point, rules: ListingRules) -> Looked:
    found = []
    if state.odd is not None:
        found.append(Found(action="resolve", kind="price_anomaly", at_us=now.at_us))
    fall, from_above = step_move(state.fall, state.last, now, rules.drop, -1)
    rise, from_below = step_move(state.rise, state.last, now, rules.rise, 1)
    if from_above is not None:
        found.append(_moved(from_above, now, rules.drop))
    if from_below is not None:
        found.append(_moved(from_below, now, rules.rise))
    history = (*state.history, now.micro)[-MOST_HISTORY:]
    after = msgspec.structs.replace(state, last=now, history=history, odd=None, fall=fall, rise=rise)
    return Looked(after, tuple(found), confirmed=now)


def _moved(before: Point, now: Point, rule: Rule) -> Found:
    return Found(
        action="raise",
        kind=rule.kind,
        at_us=now.at_us,
        before=before,
        now=now,
        measured_micro=percent_between(before.micro, now.micro),
    )


def _oddity(state: ListingState, now: Point, others_micro: Sequence[int], rule: Rule) -> Found | None:
    if not rule.is_enabled or (state.vouched_micro is not None and _is_same(state.vouched_micro, now.micro)):
        return None
    reasons: tuple[str, ...] = ("zero",)
    expected = None
    if now.micro > 0:
        scored = score_price(now.micro, [each for each in others_micro if each > 0], state.history)
        if not scored.is_odd:
            return None
        reasons, expected = scored.oddities, scored.expected_minor
    return Found(
        action="raise",
        kind="price_anomaly",
        at_us=now.at_us,
        before=state.last,
        now=now,
        measured_micro=None if not expected else percent_between(expected, now.micro),
        expected_micro=expected,
        reasons=reasons,
        compared_micro=tuple(sorted(others_micro)[:MOST_HISTORY]),
    )


def _is_same(one_micro: int, other_micro: int) -> bool:
    return abs(one_micro - other_micro) * 100 <= one_micro * _SAME_PERCENT
