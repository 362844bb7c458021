"""Flags that are true for everybody at an instant: what asks for one of them is asked of everybody, as long as that is so.

Source: docs/spec/price-reductions.md#everybody.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import msgspec

from quote_service.pricing.flags.compiled_flag import compile_flag, flag_boundaries, share_inside
from quote_service.pricing.flags.flag import PERCENTAGE_PLACES, Rollout
from quote_service.pricing.flags.stored_flag import StoredFlag

_ALL: Final = 100 * 10**PERCENTAGE_PLACES


class StandingFlag(NamedTuple):
    """A version of a flag that stood for `since_us <= t < until_us`."""

    stored: StoredFlag
    since_us: int
    until_us: int


def flag_edges(flags: Iterable[StandingFlag]) -> Iterator[int]:
    """The instants at which any of them may decide otherwise."""
    for each in flags:
        yield from (each.since_us, each.until_us)
        yield from (at_us for at_us in flag_boundaries(each.stored.draft) if each.since_us < at_us < each.until_us)


def flags_for_all(flags: Iterable[StandingFlag], at_us: int) -> dict[str, StoredFlag]:
    """Those that are true for everybody at an instant, by their keys, without whatever asks who the customer is."""
    return {
        each.stored.draft.key: msgspec.structs.replace(
            each.stored, draft=msgspec.structs.replace(each.stored.draft, value=True, is_enabled=True, rollout=None)
        )
        for each in flags
        if each.since_us <= at_us < each.until_us and _is_true_for_all(each.stored, at_us)
    }


def _is_true_for_all(flag: StoredFlag, at_us: int) -> bool:
    draft = flag.draft
    if flag.is_archived or draft.type != "BOOLEAN":
        return False
    static = compile_flag(draft, flag.version, at_us, flag.state).static
    if static is not None:
        return static.is_true
    rollout = draft.rollout or Rollout()
    plain = msgspec.structs.replace(rollout, percentage=None, schedule=None, starts_at=None, ends_at=None)
    share = share_inside(draft, rollout, at_us)
    return draft.value is True and plain == Rollout() and (share is None or share >= _ALL)
