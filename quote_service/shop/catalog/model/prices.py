"""Prices of a product or variant in one currency: what is written, what is shown, and what of a variant is its own.

Source: docs/spec/catalog.md#prices.
"""

from decimal import Decimal
from typing import Annotated, Literal, get_args

import msgspec
from msgspec import UNSET, UnsetType

from quote_service.platform.money.amounts import unit_price_text
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.money.numbers import ExactNumber, scale_decimal
from quote_service.platform.money.quantities import FACTOR_PLACES, Factor
from quote_service.shop.catalog.model.reductions import ShownReduction

UnitPrice = Factor
Currency = Annotated[str, msgspec.Meta(extra_json_schema={"pattern": "^[A-Z]{3}$"})]
PriceField = Literal["base_price", "current_price", "min_price", "cost_price", "max_price"]
PRICE_FIELDS: tuple[PriceField, ...] = get_args(PriceField)


class PriceDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The prices of a product in one currency, as they are written."""

    currency: Currency
    """ISO 4217 code."""
    base_price: UnitPrice
    """The regular price of a unit."""
    current_price: UnitPrice | None = None
    """The price of a unit now. Left out: `base_price` where the currency is new, otherwise as it is."""
    min_price: UnitPrice = ExactNumber("0")
    """The lowest that `current_price` may become; at most `base_price`."""
    cost_price: UnitPrice | None = None
    """What a unit costs the shop; never shown to shoppers."""
    max_price: UnitPrice | None = None
    """The highest that `current_price` may become; at least `base_price`. Null for no limit."""


class VariantPriceDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a variant has of its own in one currency of its product; null is the product's."""

    currency: Currency
    """ISO 4217 code; one of the product's."""
    base_price: UnitPrice | None = None
    """The regular price of a unit; null for the product's."""
    current_price: UnitPrice | UnsetType | None = UNSET
    """The price of a unit now; null for the product's. Left out: as it is, or the variant's own `base_price`."""
    min_price: UnitPrice | None = None
    """The lowest that `current_price` may become; null for the product's."""
    cost_price: UnitPrice | None = None
    """What a unit costs the shop; null for the product's."""
    max_price: UnitPrice | None = None
    """The highest that `current_price` may become; null for the product's."""
    own: Annotated[list[PriceField], msgspec.Meta(max_length=5)] | UnsetType = UNSET
    """Which of these are the variant's own; the others are the product's, as they are shown. Left out: all that are given."""


class PriceRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The prices in one currency as they are now."""

    currency: str
    """ISO 4217 code."""
    base_price: ExactNumber
    """The regular price of a unit."""
    current_price: ExactNumber
    """The price of a unit now, before rules for single customers."""
    min_price: ExactNumber | UnsetType = UNSET
    """The lowest that `current_price` may become. Left out for shoppers and checkouts."""
    max_price: ExactNumber | UnsetType | None = UNSET
    """The highest that `current_price` may become; null for no limit. Left out for shoppers and checkouts."""
    own: list[PriceField]
    """Fields that a variant has of its own; the rest are its product's. Empty for a product."""
    lowest_price_30_days: ExactNumber | UnsetType | None = UNSET
    """The lowest price that everybody was asked for, everywhere, in the 30 days before the present reduction began, or in the last 30 days without one. Null for a product that is not sold, and where prices followed demand then (DEMAND_PRICE for everybody)."""
    reduction: ShownReduction | UnsetType | None = UNSET
    """The reduction of what everybody is asked for, everywhere, as it may be announced; null where none may be."""
    cost_price: ExactNumber | UnsetType | None = UNSET
    """What a unit costs the shop; null if unknown. Left out for shoppers and checkouts."""


def price_number(amount: Decimal, currency: str) -> ExactNumber:
    """A unit price with the currency's digits, and more only where it is finer."""
    return ExactNumber(unit_price_text(scale_decimal(amount, FACTOR_PLACES), EXPONENTS.get(currency, 2)))


def held_to(price: Decimal, lowest: Decimal, highest: Decimal | None) -> Decimal:
    """The price, or the bound that it is past."""
    return max(lowest, price if highest is None else min(price, highest))
