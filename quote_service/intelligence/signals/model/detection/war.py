"""Whether we and competitors undercut each other in turns.

Source: docs/spec/signals.md#looking.
"""

import msgspec

from quote_service.intelligence.signals.model.detection.found import Found, Point, Turn
from quote_service.intelligence.signals.model.thresholds import Rule
from quote_service.platform.money.amounts import MICRO
from quote_service.platform.system.instants import SECOND_US

# Of one product in one currency; those that have reported nothing for longest go first.
_RIVALS_MAX = 200
# Evidence of a long war is its end.
_TURNS_MAX = 50


class WarState(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a product's or variant's prices in one currency; `theirs` are confirmed ones, by listing."""

    ours: Point | None = None
    theirs: dict[str, Point] = {}
    turns: tuple[Turn, ...] = ()
    is_on: bool = False


def look_at_our_price(state: WarState, now: Point, rule: Rule) -> tuple[WarState, tuple[Found, ...]]:
    """Take in a move of our own price; one that is not later than the last changes nothing."""
    before = state.ours
    if before is not None and now.at_us <= before.at_us:
        return state, ()
    state = msgspec.structs.replace(state, ours=now)
    lowest = min((point.micro for point in state.theirs.values()), default=None)
    return _look(state, before, Turn(now, lowest or 0), rule)


def look_at_their_price(
    state: WarState, now: Point, listing_id: str, competitor_id: str, rule: Rule
) -> tuple[WarState, tuple[Found, ...]]:
    """Take in a confirmed price of a listing; one that is not later than its last changes nothing."""
    before = state.theirs.get(listing_id)
    if before is not None and now.at_us <= before.at_us:
        return state, ()
    theirs = {**state.theirs, listing_id: now}
    if len(theirs) > _RIVALS_MAX:
        del theirs[min(theirs, key=lambda listing: theirs[listing].at_us)]
    state = msgspec.structs.replace(state, theirs=theirs)
    below = 0 if state.ours is None else state.ours.micro
    return _look(state, before, Turn(now, below, listing_id, competitor_id), rule)


def forget_their_price(state: WarState, listing_id: str) -> WarState:
    """A listing sells nothing now, or what it asks is odd."""
    kept = {listing: point for listing, point in state.theirs.items() if listing != listing_id}
    return state if len(kept) == len(state.theirs) else msgspec.structs.replace(state, theirs=kept)


def _look(state: WarState, before: Point | None, turn: Turn, rule: Rule) -> tuple[WarState, tuple[Found, ...]]:
    window_us = (rule.window_seconds or 0) * SECOND_US
    found: list[Found] = []
    turns = tuple(each for each in state.turns if each.point.at_us > turn.point.at_us - window_us)
    if state.is_on and not turns:
        state = msgspec.structs.replace(state, is_on=False)
        found.append(Found(action="resolve", kind="price_war", at_us=turn.point.at_us))
    if before is not None and turn.point.micro < before.micro and turn.point.micro < turn.below_micro:
        is_ours = turn.listing_id is None
        if not turns or (turns[-1].listing_id is None) != is_ours:
            turns = (*turns, turn)[-max(rule.count or 0, _TURNS_MAX) :]
            if rule.is_enabled and (state.is_on or len(turns) >= (rule.count or 0)):
                found.append(
                    Found(
                        action="continue" if state.is_on else "raise",
                        kind="price_war",
                        at_us=turn.point.at_us,
                        before=before,
                        now=turn.point,
                        measured_micro=len(turns) * MICRO,
                        turns=turns,
                        until_us=turn.point.at_us + window_us,
                    )
                )
                state = msgspec.structs.replace(state, is_on=True)
    return msgspec.structs.replace(state, turns=turns), tuple(found)
