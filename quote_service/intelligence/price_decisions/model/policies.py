"""Price policies as they are written and shown: how a price may move by itself, and within what.

Source: docs/spec/price-decisions.md#policies.
"""

from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import msgspec

from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.money.numbers import ExactNumber, NotANumber, scale_decimal
from quote_service.platform.money.quantities import FACTOR_PLACES, Factor, Percent, quantity_faults
from quote_service.platform.system.errors import Conflict, Fault
from quote_service.shop.catalog.model.prices import Currency, UnitPrice

POLICIES_AT_ONCE: Final = 1000
BP_PLACES: Final = 2
_AMOUNTS: Final = ("floor_price", "ceiling_price", "minimum_advertised_price", "cost")
_OF_THE_CATALOG: Final = ("breaker_move_percent", "breaker_share_percent")
#: Each percentage, and the column that keeps it in basis points.
PERCENTS: Final = {
    "floor_percent": "floor_bp",
    "lowest_margin_percent": "lowest_margin_bp",
    "highest_margin_percent": "highest_margin_bp",
    "step_percent": "step_bp",
    "day_percent": "day_bp",
    "cumulative_percent": "cumulative_bp",
    "above_competitors_percent": "above_competitors_bp",
    "below_competitors_percent": "below_competitors_bp",
    "breaker_move_percent": "breaker_move_bp",
    "breaker_share_percent": "breaker_share_bp",
}

PolicyMode = Literal["off", "shadow", "suggest", "auto"]


class PolicyExists(Conflict):
    code = "policy-exists"
    title = "Price policy exists"


class PricePointsDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Prices as the shop writes them."""

    every: UnitPrice
    """The endings repeat every so much: 1 for endings within each whole unit of the currency."""
    endings: Annotated[list[UnitPrice], msgspec.Meta(min_length=1, max_length=20)]
    """What prices end with, from 0 to less than `every`: 0.95 and 0.99."""


class FamilyDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The sizes that a product is one of: what is set by itself costs no less than a smaller one, and no more by unit."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    """What its sizes share: each has a policy of its product that names it."""
    units: Factor
    """How much is in a pack, in whatever unit they share; no other size of the family has as much."""


class PolicyDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A price policy as it is written: of a product, of a category with all below it, or of all products in a currency.

    What is null is as the nearest category's policy has it, then as the policy of all products, then the default.
    """

    product_id: UUID | None = None
    """The product; null for a category or all products."""
    category_id: UUID | None = None
    """The category; null for a product or all products."""
    currency: Currency
    """ISO 4217 code of the prices."""
    family: FamilyDraft | None = None
    """Of a product: the sizes that it is one of; null for none."""
    mode: PolicyMode | None = None
    """`off`: nothing is decided. `shadow`: decisions are recorded, and no more. `suggest`: a person accepts. `auto`: prices are set. By default `off`."""
    floor_price: UnitPrice | None = None
    """The lowest price the product may ever have. Without a floor, here, as a percentage or as the product's `min_price`, nothing is decided."""
    floor_percent: Percent | None = None
    """The same as a percentage of `base_price`; the higher one counts."""
    ceiling_price: UnitPrice | None = None
    """The highest price; null for the product's `max_price`."""
    minimum_advertised_price: UnitPrice | None = None
    """What the supplier allows at least; null for no limit."""
    cost: UnitPrice | None = None
    """What a unit costs; null for the product's `cost_price`."""
    lowest_margin_percent: Percent | None = None
    """The lowest margin, in percent of the price. By default 5."""
    highest_margin_percent: Percent | None = None
    """The highest margin, in percent of the price; 100 for no limit. By default 30."""
    step_percent: Percent | None = None
    """How far one decision may move the price. By default 5."""
    day_percent: Percent | None = None
    """How far all decisions of 24 hours may. By default 10."""
    cumulative_percent: Percent | None = None
    """How far decisions may move it from the price that a person last confirmed. By default 20."""
    above_competitors_percent: Percent | None = None
    """How far it may be above the lowest comparable price of a competitor. By default no limit."""
    below_competitors_percent: Percent | None = None
    """How far it may be below it. By default no limit."""
    competitor_seconds: Annotated[int, msgspec.Meta(ge=60, le=31_536_000)] | None = None
    """How recent a competitor's price must be to count. By default a day."""
    price_points: PricePointsDraft | None = None
    """Which prices may be set. By default every amount of the currency."""
    keep_lowest_30_days: bool | None = None
    """Whether nothing goes below `lowest_price_30_days`, so that a later reduction is not measured against it. By default not."""
    breaker_move_percent: Percent | None = None
    """Of all products: moves by more than this count for the circuit breaker. By default 3."""
    breaker_share_percent: Percent | None = None
    """Of all products: when more than this share would move so far in one run, none does. By default 20."""


class PolicyRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A price policy as it is kept; null where it leaves something open."""

    id: UUID
    """Identifies the policy."""
    product_id: UUID | None
    """The product; null for a category or all products."""
    category_id: UUID | None
    """The category; null for a product or all products."""
    currency: str
    """ISO 4217 code."""
    family: FamilyDraft | None
    """The sizes that the product is one of; null for none."""
    mode: PolicyMode | None
    """`off`, `shadow`, `suggest` or `auto`."""
    floor_price: ExactNumber | None
    """The lowest price the product may ever have."""
    floor_percent: ExactNumber | None
    """The same as a percentage of `base_price`."""
    ceiling_price: ExactNumber | None
    """The highest price."""
    minimum_advertised_price: ExactNumber | None
    """What the supplier allows at least."""
    cost: ExactNumber | None
    """What a unit costs."""
    lowest_margin_percent: ExactNumber | None
    """The lowest margin, in percent of the price."""
    highest_margin_percent: ExactNumber | None
    """The highest margin, in percent of the price."""
    step_percent: ExactNumber | None
    """How far one decision may move the price."""
    day_percent: ExactNumber | None
    """How far all decisions of 24 hours may."""
    cumulative_percent: ExactNumber | None
    """How far decisions may move it from the price that a person last confirmed."""
    above_competitors_percent: ExactNumber | None
    """How far it may be above the lowest comparable price of a competitor."""
    below_competitors_percent: ExactNumber | None
    """How far it may be below it."""
    competitor_seconds: int | None
    """How recent a competitor's price must be to count."""
    price_points: PricePointsDraft | None
    """Which prices may be set."""
    keep_lowest_30_days: bool | None
    """Whether nothing goes below `lowest_price_30_days`."""
    breaker_move_percent: ExactNumber | None
    """Moves by more than this count for the circuit breaker."""
    breaker_share_percent: ExactNumber | None
    """When more than this share would move so far in one run, none does."""
    version: int
    """Version of the policy, from 1; it goes up with every change, and `ETag` follows it."""
    created_at: datetime
    """When the policy was created."""
    updated_at: datetime
    """When this version was made."""
    created_by: str
    """Id of who created the policy."""
    changed_by: Annotated[str, Renamed("updated_by")]
    """Id of who made this version."""


class PolicyImport(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Policies to write; each replaces the one of its product, category or currency, if there is one."""

    policies: Annotated[list[PolicyDraft], msgspec.Meta(min_length=1, max_length=POLICIES_AT_ONCE)]
    """The policies; all are written, or none."""


class PoliciesWritten(msgspec.Struct, frozen=True, kw_only=True):
    """What an import did."""

    created: int
    """Policies that are new."""
    replaced: int
    """Policies that were written again."""
    unchanged: int
    """Policies that were so already."""


def policy_faults(draft: PolicyDraft, at: str = "") -> tuple[Fault, ...]:
    """What is wrong with a well-formed draft; `at` is where it stands."""
    found = list(quantity_faults(draft, at, FACTOR_PLACES))
    reported: dict[str, Any] = msgspec.structs.asdict(draft)
    if draft.currency not in EXPONENTS:
        found.append(Fault(f"{at}/currency", "is not an ISO 4217 currency code"))
    if draft.product_id is not None and draft.category_id is not None:
        found.append(Fault(f"{at}/category_id", "must be null where there is a product_id"))
    for name in _AMOUNTS:
        if reported[name] is not None and draft.product_id is None:
            found.append(Fault(f"{at}/{name}", "applies to one product: product_id is required"))
        if reported[name] is not None and name != "cost" and not reported[name]:
            found.append(Fault(f"{at}/{name}", "must be more than 0"))
    found += _family_faults(draft, at)
    found += [
        Fault(f"{at}/{name}", "applies to all products: leave out product_id and category_id")
        for name in _OF_THE_CATALOG
        if reported[name] is not None and (draft.product_id or draft.category_id)
    ]
    found += [
        Fault(f"{at}/{name}", "must have at most 2 decimals")
        for name in PERCENTS
        if reported[name] is not None and not _is_complete(reported[name], BP_PLACES)
    ]
    if draft.floor_percent is not None and not draft.floor_percent:
        found.append(Fault(f"{at}/floor_percent", "must be more than 0"))
    if draft.lowest_margin_percent == 100:
        found.append(Fault(f"{at}/lowest_margin_percent", "must be less than 100"))
    found += _order_faults(draft, at)
    if draft.price_points is not None and not found:
        found += _point_faults(draft.price_points, EXPONENTS[draft.currency], f"{at}/price_points")
    return tuple(found)


def _family_faults(draft: PolicyDraft, at: str) -> list[Fault]:
    if draft.family is None:
        return []
    found = []
    if draft.product_id is None:
        found.append(Fault(f"{at}/family", "applies to one product: product_id is required"))
    if draft.family.name != draft.family.name.strip():
        found.append(Fault(f"{at}/family/name", "must not begin or end with a blank"))
    if not draft.family.units:
        found.append(Fault(f"{at}/family/units", "must be more than 0"))
    return found


def _order_faults(draft: PolicyDraft, at: str) -> list[Fault]:
    found = []
    for low, high in (
        ("floor_price", "ceiling_price"),
        ("minimum_advertised_price", "ceiling_price"),
        ("lowest_margin_percent", "highest_margin_percent"),
    ):
        lowest, highest = getattr(draft, low), getattr(draft, high)
        if lowest is not None and highest is not None and lowest > highest:
            found.append(Fault(f"{at}/{low}", f"must be at most {high}"))
    return found


def _point_faults(points: PricePointsDraft, exponent: int, at: str) -> list[Fault]:
    found = []
    if not points.every or not _is_complete(points.every, exponent):
        found.append(Fault(f"{at}/every", "must be more than 0, with no more decimals than the currency"))
    for place, ending in enumerate(points.endings):
        if ending >= points.every or not _is_complete(ending, exponent):
            found.append(
                Fault(f"{at}/endings/{place}", "must be less than every, with no more decimals than the currency")
            )
    return found


def _is_complete(number: ExactNumber, places: int) -> bool:
    try:
        scale_decimal(number, places)
    except NotANumber:
        return False
    return True
