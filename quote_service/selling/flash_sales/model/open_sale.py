"""A flash sale as those see it who buy in it: what it costs, what is left, and how much of it they may have.

Source: docs/spec/access.md#shoppers.
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.money.numbers import ExactNumber

OpenState = Literal["active", "scheduled"]


class OpenSaleItem(msgspec.Struct, frozen=True, kw_only=True):
    """One product on sale."""

    product_id: UUID
    """The product; name it in the purchase."""
    currency: str
    """ISO 4217 code of the prices."""
    sale_price: ExactNumber
    """Price of a unit; send it as `expected_price`."""
    list_price: ExactNumber | None
    """Price of a unit outside of the sale, where it was given."""
    per_customer_limit: int
    """Units that one customer may have."""
    allocated_stock: int
    """Units that are on sale in all."""
    remaining_stock: int
    """Units that nobody has reserved or bought."""
    left_to_buy: int | None
    """Units that the customer may still have by the limit; null where no customer is named."""


class OpenSale(msgspec.Struct, frozen=True, kw_only=True):
    """A sale that is open, or scheduled."""

    id: UUID
    """Identifies the sale."""
    name: str
    """Name of the sale."""
    state: Annotated[OpenState, Renamed("status")]
    """`active`, or `scheduled` where it has not begun."""
    starts_at: datetime
    """When it begins or began."""
    ends_at: datetime
    """When it ends."""
    hold_seconds: int | None
    """Seconds within which a purchase has to be confirmed; null where it is confirmed at once."""
    items: list[OpenSaleItem]
    """The products on sale."""
