"""Write what a history tells: prices and stock that moved, and quotes that were accepted, at instants of the past.

Source: docs/spec/seeding.md#how-it-is-written.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from quote_service.lab.seeding.operations.past_quotes import OrderKeys, PastQuotes
from quote_service.lab.seeding.tables.seeded_rows import copy_texts, move_prices, set_price_reason
from quote_service.platform.postgres.pool import Connection
from quote_service.rulebook.commission_rates.tables.commission_rates import lock_rulebook
from quote_service.rulebook.snapshot.tables.rulebook_rows import read_changes_within


async def set_past(connection: Connection, at: datetime) -> None:
    """Whatever moves from here to the end of the transaction moved at this instant, which lies not in the future."""
    await set_price_reason(connection, "", "", at)


async def move_past_prices(
    connection: Connection,
    currency: str,
    reason: str,
    note: str,
    at: datetime,
    items: Sequence[UUID],
    prices: Sequence[Decimal],
) -> None:
    """Move current prices, as of an instant of the past.

    Args:
        connection: Inside a transaction.
        currency: Of all prices.
        reason: What the price history tells, one of its own.
        note: In words.
        at: When.
        items: Products or variants.
        prices: In major units, in their order.
    """
    await set_price_reason(connection, reason, note, at)
    await move_prices(connection, currency, items, prices)


async def begin_past_quotes(connection: Connection, keys: OrderKeys) -> PastQuotes:
    """Prices by the rulebook as it is, which nobody else changes until the transaction ends."""
    await lock_rulebook(connection)
    return PastQuotes(await read_changes_within(connection), keys)


async def write_past_quotes(connection: Connection, lines: AsyncIterator[bytes]) -> None:
    """Write accepted quotes, as `PastQuotes` told them."""
    await copy_texts(connection, "accepted_quotes", lines)
