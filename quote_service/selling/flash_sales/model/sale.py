"""A flash sale as it is sent, kept and shown.

Source: docs/spec/flash-sales.md#sales.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Literal, NamedTuple
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.money.amounts import amount_text
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.money.numbers import ExactNumber, scale_decimal, written_number
from quote_service.platform.money.quantities import Amount, quantity_faults
from quote_service.platform.system.errors import Fault

SaleState = Literal["scheduled", "active", "ended", "cancelled"]

ITEMS_MAX = 100
STOCK_MAX = 1_000_000
HOLD_SECONDS_MAX = 86_400
_Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class SaleItemDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One product on sale: `sale_price` a unit, `allocated_stock` units in all, `per_customer_limit` units a customer."""

    product_id: UUID
    """The product."""
    sale_price: Amount
    """Price of one unit during the sale, in `currency`."""
    currency: Annotated[str, msgspec.Meta(extra_json_schema={"pattern": "^[A-Z]{3}$"})]
    """ISO 4217 code of the currency of the prices."""
    allocated_stock: Annotated[int, msgspec.Meta(ge=0, le=STOCK_MAX)]
    """How many units are on sale in all."""
    per_customer_limit: Annotated[int, msgspec.Meta(ge=1, le=STOCK_MAX)]
    """How many units one customer may buy."""
    list_price: Amount | None = None
    """Price of one unit outside the sale, in `currency`; null if it is not known here."""


class SaleDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A flash sale to create or replace. With `hold_seconds`, a purchase stays reserved for that time and has to be confirmed."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    """Name of the sale, for people."""
    starts_at: _Instant
    """When the sale begins."""
    ends_at: _Instant
    """When the sale ends; must be after `starts_at`."""
    items: Annotated[list[SaleItemDraft], msgspec.Meta(min_length=1, max_length=ITEMS_MAX)]
    """The products on sale."""
    hold_seconds: Annotated[int, msgspec.Meta(ge=1, le=HOLD_SECONDS_MAX)] | None = None
    """Seconds for which a purchase stays reserved until the buyer confirms it; null to confirm purchases at once."""
    respects_min_price: bool | UnsetType = UNSET
    """Whether a price below the `min_price` of its product is refused; `false` sells below it. Left out: `true` for a new sale, and
    what the sale has for one that is replaced. A `min_price` that is raised later leaves the sale as it was announced.
    """


class SaleRecord(SaleDraft, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A flash sale."""

    id: UUID
    """Identifies the sale."""
    respects_min_price: bool
    """Whether a price below the `min_price` of its product was refused."""
    state: Annotated[SaleState, Renamed("status")]
    """Whether the sale is scheduled, active, ended or cancelled."""
    version: int
    """Version of the sale, from 1; it goes up with every change, and `ETag` follows it."""
    created_by: str
    """Id of the person who created the sale."""
    created_at: datetime
    """When the sale was created."""
    changed_by: Annotated[str, Renamed("updated_by")]
    """Id of the person who last changed the sale."""
    changed_at: Annotated[datetime, Renamed("updated_at")]
    """When the sale was last changed."""


class SaleWarning(msgspec.Struct, frozen=True):
    """Something to know about a sale that did not stop it."""

    code: Literal["below_cost", "below_min_price"]
    """Which warning it is, for programs."""
    detail: str
    """What the warning says, for people."""
    pointer: str
    """JSON Pointer (RFC 6901) to the price that it is about."""


class WrittenSale(SaleRecord, frozen=True, kw_only=True):
    """A flash sale as the answer shows it that writes it."""

    warnings: list[SaleWarning] | UnsetType = UNSET
    """Prices below what the catalog says that they should not go below; left out if there are none."""


def written_sale(record: SaleRecord, warnings: list[SaleWarning]) -> SaleRecord:
    """A sale with what is to be known of its prices."""
    return WrittenSale(**msgspec.structs.asdict(record), warnings=warnings) if warnings else record


class Bounds(NamedTuple):
    """What the price of a product should not go below in a currency, in minor units, rounded up; None where nothing is known."""

    min_minor: int
    cost_minor: int | None


def bound_faults(
    draft: SaleDraft, bounds: Mapping[tuple[UUID, str], Bounds], announced: SaleDraft | None
) -> tuple[Fault, ...]:
    """Prices below their products' `min_price` that are not announced yet.

    Args:
        draft: Without faults of its own.
        bounds: By product and currency; others have none.
        announced: The sale as it is; None of a new one. Its prices stand, where it respected `min_price` before.
    """
    known = set()
    if announced is not None and announced.respects_min_price is True:
        known = {(item.product_id, item.currency, to_minor(item.sale_price, item.currency)) for item in announced.items}
    faults = []
    for index, item in enumerate(draft.items):
        price_minor = to_minor(item.sale_price, item.currency)
        bound = bounds.get((item.product_id, item.currency))
        if bound is None or price_minor >= bound.min_minor or (item.product_id, item.currency, price_minor) in known:
            continue
        # Without the figure: not everybody who writes sales sees how far a price may move.
        detail = "is below the min_price of the product; send respects_min_price: false to sell below it"
        faults.append(Fault(f"/items/{index}/sale_price", detail))
    return tuple(faults)


def bound_warnings(sale: SaleDraft, bounds: Mapping[tuple[UUID, str], Bounds]) -> Iterator[SaleWarning]:
    """What is to be known of prices that stand."""
    for index, item in enumerate(sale.items):
        price_minor = to_minor(item.sale_price, item.currency)
        bound = bounds.get((item.product_id, item.currency))
        if bound is None:
            continue
        pointer = f"/items/{index}/sale_price"
        if price_minor < bound.min_minor:
            yield SaleWarning("below_min_price", "The price is below the min_price of the product", pointer)
        if bound.cost_minor is not None and price_minor < bound.cost_minor:
            yield SaleWarning("below_cost", "The price is below the cost_price of the product", pointer)


def sale_faults(draft: SaleDraft) -> tuple[Fault, ...]:
    """Everything about a well-formed sale that cannot be."""
    faults: list[Fault] = []
    if not draft.name.strip():
        faults.append(Fault("/name", "must not be blank"))
    if draft.ends_at <= draft.starts_at:
        faults.append(Fault("/ends_at", "must be after starts_at"))
    seen: set[UUID] = set()
    for index, item in enumerate(draft.items):
        if item.product_id in seen:
            faults.append(Fault(f"/items/{index}/product_id", "is already on this sale"))
        seen.add(item.product_id)
        if item.currency not in EXPONENTS:
            faults.append(Fault(f"/items/{index}/currency", "is not an ISO 4217 currency code"))
            continue
        faults += quantity_faults(item, f"/items/{index}", EXPONENTS[item.currency])
    return tuple(faults)


def to_minor(amount: ExactNumber, currency: str) -> int:
    """An amount without faults in minor units of its currency."""
    return scale_decimal(amount, EXPONENTS[currency])


def of_minor(amount_minor: int, currency: str) -> ExactNumber:
    """An amount of minor units, with the digits of its currency."""
    return written_number(amount_text(amount_minor, EXPONENTS[currency]))
