"""What detection hands over: what is to be raised, goes on, or is over.

Source: docs/spec/signals.md#signals.
"""

from typing import Literal

import msgspec

from quote_service.intelligence.signals.model.signals import SignalKind
from quote_service.platform.money.amounts import MICRO
from quote_service.platform.money.numbers import ExactNumber, scale_decimal
from quote_service.platform.money.quantities import FACTOR_PLACES

#: A rise from nearly nothing has more percent than anybody reads.
MEASURED_MICRO_MAX = 10**15 * MICRO

Action = Literal["raise", "continue", "resolve"]


class Point(msgspec.Struct, frozen=True, array_like=True):
    """A price at an instant, and the observation or move that says so."""

    id: str
    at_us: int
    micro: int


class Turn(msgspec.Struct, frozen=True, array_like=True):
    """An undercut: by us where there is no listing."""

    point: Point
    below_micro: int
    listing_id: str | None = None
    competitor_id: str | None = None


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One signal that is raised, goes on or is over.

    `measured_micro` is in millionths of the threshold's unit. `compared_micro` are the prices that an odd one was held against.
    """

    action: Action
    kind: SignalKind
    at_us: int
    before: Point | None = None
    now: Point | None = None
    measured_micro: int | None = None
    expected_micro: int | None = None
    reasons: tuple[str, ...] = ()
    compared_micro: tuple[int, ...] = ()
    turns: tuple[Turn, ...] = ()
    #: When it stops counting, where the rule's `expires_seconds` do not say.
    until_us: int | None = None


def micro_of(number: ExactNumber | None) -> int:
    """A figure of a rule in millionths; 0 where it has none."""
    return 0 if number is None else scale_decimal(number, FACTOR_PLACES)


def percent_between(before_micro: int, now_micro: int) -> int:
    """The change in millionths of a percent, cut towards zero; `before_micro` > 0."""
    change = 100 * MICRO * (now_micro - before_micro)
    whole = abs(change) // before_micro
    return min(whole, MEASURED_MICRO_MAX) * (1 if change >= 0 else -1)
