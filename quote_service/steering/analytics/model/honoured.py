"""What honouring the prices of quotes cost or gained, added up.

Source: docs/spec/analytics.md#honoured-prices.
"""

from datetime import datetime
from typing import NamedTuple

import msgspec

from quote_service.pricing.honoured.find_difference import Amounts, CauseKind, Difference

_QUARTER_MINUTES = 15


class AcceptedOffer(msgspec.Struct, frozen=True):
    """An accepted quote as far as it is compared; `request` and `rulebook_version` are None where they are not kept."""

    quote_id: str
    currency: str
    data: bytes
    request: bytes | None
    rulebook_version: int | None
    issued_at_us: int
    accepted_at_us: int
    total_minor: int
    commission_minor: int | None


class QuoteSums(msgspec.Struct):
    """The columns of honoured_quotes after its key, in their order."""

    accepted: int = 0
    not_compared: int = 0
    changed: int = 0
    dearer: int = 0
    cheaper: int = 0
    cost_minor: int = 0
    gain_minor: int = 0
    commission_minor: int = 0


class EffectSums(msgspec.Struct):
    """Those of honoured_effects."""

    quotes: int = 0
    total_minor: int = 0
    commission_minor: int = 0


class SumsKey(NamedTuple):
    """A quarter of an hour and a currency."""

    quarter: datetime
    currency: str


class HonouredSums:
    """What some quotes add to the tables."""

    def __init__(self) -> None:
        self.quotes: dict[SumsKey, QuoteSums] = {}
        self.effects: dict[tuple[SumsKey, CauseKind, str], EffectSums] = {}

    def add(self, accepted_at: datetime, currency: str, found: Difference | None) -> None:
        """Count a quote that was compared."""
        key, sums = self._count(accepted_at, currency)
        if found is None:
            return
        sums.changed += 1
        total, commission = found.amounts
        if total < 0:
            sums.dearer += 1
            sums.cost_minor -= total
        elif total > 0:
            sums.cheaper += 1
            sums.gain_minor += total
        sums.commission_minor += commission
        for effect in found.effects:
            effects = self.effects.setdefault((key, effect.kind, effect.key), EffectSums())
            effects.quotes += 1
            effects.total_minor += effect.amounts.total_minor
            effects.commission_minor += effect.amounts.commission_minor

    def leave_out(self, accepted_at: datetime, currency: str) -> None:
        """Count a quote whose price at the acceptance cannot be worked out."""
        _, sums = self._count(accepted_at, currency)
        sums.not_compared += 1

    def _count(self, accepted_at: datetime, currency: str) -> tuple[SumsKey, QuoteSums]:
        minute = accepted_at.minute - accepted_at.minute % _QUARTER_MINUTES
        key = SumsKey(accepted_at.replace(minute=minute, second=0, microsecond=0), currency)
        sums = self.quotes.setdefault(key, QuoteSums())
        sums.accepted += 1
        return key, sums


def issued_amounts(offer: AcceptedOffer) -> Amounts | None:
    """What was quoted; None where the commission of it is not known."""
    return None if offer.commission_minor is None else Amounts(offer.total_minor, offer.commission_minor)
