"""Flash sales that are open, as PostgreSQL has recorded them.

Source: docs/spec/access.md#shoppers.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.selling.flash_sales.model.open_sale import OpenState

STATEMENTS = Statements(__file__, "sales")


class OpenRow(msgspec.Struct, frozen=True, kw_only=True):
    """A sale without its items."""

    id: UUID
    name: str
    state: OpenState
    starts_at: datetime
    ends_at: datetime
    hold_seconds: int | None


class OpenItemRow(msgspec.Struct, frozen=True, kw_only=True):
    """An item; `remaining` and `owned` as far as purchases are recorded."""

    id: int
    sale_id: UUID
    product_id: UUID
    currency: str
    sale_price_minor: int
    list_price_minor: int | None
    per_customer_limit: int
    allocated: int
    remaining: int
    owned: int


@STATEMENTS.query()
async def page_of_open_sales(
    connection: Connection,
    states: Sequence[OpenState],
    *,
    sale_id: UUID | None = None,
    product_id: UUID | None = None,
    before: UUID | None = None,
    limit: int = 1,
) -> list[OpenRow]:
    """Up to `limit` sales in one of the states, the newest first, from behind `before`."""


@STATEMENTS.query()
async def open_items(connection: Connection, sale_ids: Sequence[UUID], customer_id: UUID | None) -> list[OpenItemRow]:
    """The items of sales, with what a customer has of each."""
