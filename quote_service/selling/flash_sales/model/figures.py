"""How a flash sale stands: live figures, and what one customer has of it.

Source: docs/spec/flash-sales.md#live-figures.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.money.numbers import ExactNumber
from quote_service.selling.flash_sales.model.sale import SaleState


class LiveItem(msgspec.Struct, frozen=True, kw_only=True):
    """One item now: `stock` units that nobody has; purchases `waiting` to be recorded; admissions `per_second` recently.

    `reserved` and `confirmed` count units, `rejected` and `given_back` purchases, `refused` refusals by reason.
    """

    product_id: UUID
    """The product."""
    allocated: int
    """How many units are on sale in all."""
    stock: int
    """Units that can still be bought."""
    reserved: int
    """Units reserved and not yet confirmed."""
    confirmed: int
    """Units sold."""
    rejected: int
    """Purchases rejected after they were reserved."""
    given_back: int
    """Purchases that expired or were cancelled."""
    waiting: int
    """Purchases that are reserved and not yet recorded in the database."""
    per_second: float
    """Purchases admitted per second, recently."""
    refused: dict[str, int]
    """Purchases refused at once, counted by reason."""


class LiveFigures(msgspec.Struct, frozen=True, kw_only=True):
    """A sale now."""

    flash_sale_id: UUID
    """The sale."""
    state: Annotated[SaleState, Renamed("status")]
    """Whether the sale is scheduled, active, ended or cancelled."""
    at: datetime
    """When the figures were taken."""
    items: list[LiveItem]
    """Figures of each product on sale."""


class CustomerItemSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What a customer has of one item; `left_to_buy` by the limit, whether or not there is stock."""

    product_id: UUID
    """The product."""
    currency: str
    """ISO 4217 code of the currency of `spent`."""
    bought: int
    """Units the customer has bought."""
    reserved: int
    """Units the customer has reserved and not yet confirmed."""
    spent: ExactNumber
    """What the customer paid for them, in `currency`."""
    left_to_buy: int
    """Units the customer may still buy under the limit, whether or not there is stock."""


class CustomerSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What a customer has of a sale."""

    flash_sale_id: UUID
    """The sale."""
    customer_id: UUID
    """The customer."""
    items: list[CustomerItemSummary]
    """What the customer has of each product on sale."""
