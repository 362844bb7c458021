"""What is counted of a flash sale before anything is worked out: whole numbers, instants, whole minor units.

Source: docs/spec/flash-sales.md#analytics.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from quote_service.selling.flash_sales.model.purchase import PurchaseStatus
from quote_service.selling.flash_sales.model.sale import SaleState


class Count(msgspec.Struct, frozen=True):
    """So many purchases, with their units and what these cost in minor units."""

    purchases: int = 0
    units: int = 0
    amount_minor: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(self.purchases + other.purchases, self.units + other.units, self.amount_minor + other.amount_minor)


class CountedBuyers(msgspec.Struct, frozen=True):
    """Who bought, and the instants of the first and the last confirmed purchase; None where there is none."""

    customers: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None


class CountedPeak(msgspec.Struct, frozen=True):
    """The first of the minutes, or hours, in which the most units were bought: where it begins."""

    starts_at: datetime
    purchases: int
    units: int


class Peaks(msgspec.Struct, frozen=True):
    """The peaks of a product, or of a sale."""

    minute: CountedPeak | None = None
    hour: CountedPeak | None = None


class SoldBefore(msgspec.Struct, frozen=True):
    """What was sold of a product in some time before a sale, and when the first of it was."""

    count: Count = Count()
    first_at: datetime | None = None


class CountedProduct(msgspec.Struct, frozen=True, kw_only=True):
    """One item of a sale; `days` holds what was confirmed, by the place of the day in the sale's `days`.

    `earlier_sales` and `accepted_quotes` are what was sold in the seven days before the sale began.
    """

    product_id: UUID
    currency: str
    allocated: int
    views: int
    outcomes: dict[PurchaseStatus, Count]
    buyers: CountedBuyers
    days: dict[int, Count]
    peaks: Peaks
    earlier_sales: SoldBefore
    accepted_quotes: SoldBefore


class CountedSale(msgspec.Struct, frozen=True, kw_only=True):
    """A sale at the instant `at`; `days` are the local days from the first confirmed purchase to the last.

    `on_sale_until` is None where it has not been on sale.
    """

    sale_id: UUID
    state: SaleState
    starts_at: datetime
    on_sale_until: datetime | None
    at: datetime
    timezone: str
    days: list[datetime]
    customers: int
    peaks: Peaks
    products: list[CountedProduct]
