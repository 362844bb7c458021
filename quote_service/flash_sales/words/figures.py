"""How a flash sale stands: live figures, and what one customer has of it.

Source: spec 7.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from quote_service.domain.flash_sales.sale import SaleState
from quote_service.domain.numbers import ExactNumber


class LiveItem(msgspec.Struct, frozen=True, kw_only=True):
    """One item now: `stock` units that nobody has; purchases `waiting` to be recorded; admissions `per_second` of late.

    `reserved` and `confirmed` count units, `rejected` and `given_back` purchases, `refused` refusals by reason.
    """

    product_id: UUID
    allocated: int
    stock: int
    reserved: int
    confirmed: int
    rejected: int
    given_back: int
    waiting: int
    per_second: float
    refused: dict[str, int]


class LiveFigures(msgspec.Struct, frozen=True, kw_only=True):
    """A sale now."""

    flash_sale_id: UUID
    state: SaleState
    at: datetime
    items: list[LiveItem]


class CustomerItemSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What a customer has of one item; `left_to_buy` by the limit, whether or not there is stock."""

    product_id: UUID
    currency: str
    bought: int
    reserved: int
    spent: ExactNumber
    left_to_buy: int


class CustomerSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What a customer has of a sale."""

    flash_sale_id: UUID
    customer_id: UUID
    items: list[CustomerItemSummary]
