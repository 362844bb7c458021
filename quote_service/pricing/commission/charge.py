"""What one taken rate charges: on a unit, a line or several lines together, clamped there, rounded once.

Bases are net minor amounts >= 0 (the line total less the seller's part of its discount).

Source: docs/spec/commission.md#what-a-rate-charges.
"""

from collections.abc import Sequence
from typing import Literal

from quote_service.platform.money.amounts import PERCENT_MICRO, percent_of, round_half_away, split_by_weights
from quote_service.pricing.commission.compiled_rate import CompiledRate, CompiledTier

Clamp = Literal["min", "max"] | None


def charge_line(rate: CompiledRate, base_minor: int, quantity: int) -> tuple[int, Clamp]:
    """What a rate of scope UNIT or LINE charges on one line, and which bound decided it."""
    if rate.scope == "LINE":
        return _clamped(rate, _charge(rate, base_minor, 1))
    unit_minor, clamp = _clamped(rate, _charge(rate, base_minor, quantity))
    return unit_minor * quantity, clamp


def charge_together(rate: CompiledRate, bases_minor: Sequence[int]) -> tuple[list[int], Clamp]:
    """What a rate of scope ORDER or QUOTE charges on lines together, split over them by their bases."""
    total_minor, clamp = _clamped(rate, _charge(rate, sum(bases_minor), 1))
    return split_by_weights(total_minor, bases_minor), clamp


def charge_tiers(tiers: Sequence[CompiledTier], base_minor: int, parts: int) -> int:
    """Charge each part of a base at the rate of the bracket it falls in, rounded once at the end.

    Args:
        tiers: Ascending by `up_to_minor`; only the last is open.
        base_minor: Minor units, >= 0.
        parts: The base is `base_minor / parts` (one unit of a line of that many); 1 for the base itself.

    Source: docs/spec/commission.md#tiers.
    """
    # Everything is held in units of 1 / parts, so that a unit's share of a line is exact.
    reached, charged = 0, 0
    for tier in tiers:
        upper = base_minor if tier.up_to_minor is None else min(base_minor, tier.up_to_minor * parts)
        charged += (upper - reached) * tier.percent_micro
        reached = upper
        if reached == base_minor:
            break
    return round_half_away(charged, PERCENT_MICRO * parts)


def _charge(rate: CompiledRate, base_minor: int, parts: int) -> int:
    """The charge on base_minor / parts, rounded to the minor unit, before it is clamped."""
    if rate.commission_type == "FLAT":
        return rate.charge
    if rate.tiers is not None:
        return charge_tiers(rate.tiers, base_minor, parts)
    if parts == 1:
        return percent_of(base_minor, rate.charge)
    return round_half_away(base_minor * rate.charge, PERCENT_MICRO * parts)


def _clamped(rate: CompiledRate, amount_minor: int) -> tuple[int, Clamp]:
    if rate.min_minor is not None and amount_minor < rate.min_minor:
        return rate.min_minor, "min"
    if rate.max_minor is not None and amount_minor > rate.max_minor:
        return rate.max_minor, "max"
    return amount_minor, None
