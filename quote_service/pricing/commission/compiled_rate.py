"""A commission rate made ready: whole numbers only, and the key that it is found by.

A million of these are held at once, so they are small: no dict, no cycle (hence gc=False), texts shared.

Source: docs/spec/commission.md.
"""

import sys
from decimal import Decimal
from typing import Any, Final

import msgspec

from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.money.numbers import scale_decimal
from quote_service.pricing.commission.rate import DEFAULT_SCOPES, DIMENSIONS, CommissionScope, CommissionType
from quote_service.pricing.commission.stored_rate import StoredRate

SELLER: Final = 1
CATEGORY: Final = 2
LOGISTICS: Final = 4
EVERY_DIMENSION = SELLER | CATEGORY | LOGISTICS
PERCENT_PLACES: Final = 6
_NOTHING = Decimal(0)

# The dimensions of each mask, in the order in which an unsplit amount looks for its place.
DIMENSIONS_OF_MASK: tuple[tuple[str, ...], ...] = tuple(
    tuple(name for index, name in enumerate(DIMENSIONS) if mask & 1 << index) for mask in range(8)
)


class CompiledTier(msgspec.Struct, frozen=True, gc=False):
    """A bracket: `percent_micro` on the part of the base up to `up_to_minor` (None: without end)."""

    up_to_minor: int | None
    percent_micro: int


class CompiledRate(msgspec.Struct, gc=False):
    """One rate. `charge` is millionths of a percent, minor units for FLAT, 0 for TIERED.

    `named` is the mask of the dimensions that it names, 0 for none; `covered` that of those it covers, all three if it
    names none. `is_plain` says that a percentage of a line is all there is to it, unclamped and unsplit; `kept` is room for
    what a reader makes of the rate once for all quotes.
    """

    id: str
    key: str
    named: int
    priority: int
    effective_from_us: int
    effective_to_us: int
    region_key: str
    region: str | None
    currency: str | None
    commission_type: CommissionType
    scope: CommissionScope
    charge: int
    min_minor: int | None = None
    max_minor: int | None = None
    tiers: tuple[CompiledTier, ...] | None = None
    split: tuple[int, int, int] | None = None
    is_plain: bool = False
    covered: int = EVERY_DIMENSION
    kept: Any = None

    @property
    def dimensions(self) -> tuple[str, ...]:
        """What it is charged for."""
        return DIMENSIONS_OF_MASK[self.covered]

    @property
    def exponent(self) -> int:
        """The minor digits of its amounts."""
        return EXPONENTS[self.currency] if self.currency else 6


def rate_key(named: int, seller_id: str, category_id: str, logistics_provider: str) -> str:
    """The text under which rates that name these dimensions are found; values of unnamed dimensions are left out."""
    if named == SELLER:
        return seller_id
    if named == CATEGORY:
        return category_id
    if named == LOGISTICS:
        return logistics_provider
    if named == SELLER | CATEGORY:
        return seller_id + category_id
    if named == SELLER | LOGISTICS:
        return seller_id + logistics_provider
    if named == CATEGORY | LOGISTICS:
        return category_id + logistics_provider
    return seller_id + category_id + logistics_provider if named else ""


def compile_rate(stored: StoredRate) -> CompiledRate:
    """Compile a rate that `domain.rates.rate_faults` found nothing wrong with."""
    exponent = EXPONENTS[stored.currency] if stored.currency else 6
    seller_id, category_id = stored.seller_id or "", stored.category_id or ""
    provider = stored.logistics_provider or ""
    named = (SELLER if seller_id else 0) | (CATEGORY if category_id else 0) | (LOGISTICS if provider else 0)
    return CompiledRate(
        id=stored.id,
        key=rate_key(named, seller_id, category_id, provider),
        named=named,
        priority=stored.priority,
        effective_from_us=stored.effective_from_us,
        effective_to_us=stored.effective_to_us,
        region_key=sys.intern(stored.region_key),
        region=stored.region and sys.intern(stored.region),
        currency=stored.currency and sys.intern(stored.currency),
        commission_type=stored.commission_type,
        scope=stored.scope or DEFAULT_SCOPES[stored.commission_type],
        charge=_scaled(stored.rate, exponent if stored.commission_type == "FLAT" else PERCENT_PLACES) or 0,
        min_minor=_scaled(stored.min_amount, exponent),
        max_minor=_scaled(stored.max_amount, exponent),
        tiers=tuple(
            CompiledTier(_scaled(tier.up_to, exponent), scale_decimal(tier.rate, PERCENT_PLACES))
            for tier in stored.tiers
        )
        if stored.tiers
        else None,
        split=_split_weights(stored),
        is_plain=(
            stored.commission_type == "PERCENTAGE"
            and stored.scope in (None, "LINE")
            and stored.min_amount is stored.max_amount is None
            and not stored.split
        ),
        covered=named or EVERY_DIMENSION,
    )


def _scaled(number: Decimal | None, places: int) -> int | None:
    return None if number is None else scale_decimal(number, places)


def _split_weights(stored: StoredRate) -> tuple[int, int, int] | None:
    if not stored.split:
        return None
    given = dict(stored.split)
    seller, category, logistics = (scale_decimal(given.get(name, _NOTHING), PERCENT_PLACES) for name in DIMENSIONS)
    return seller, category, logistics
