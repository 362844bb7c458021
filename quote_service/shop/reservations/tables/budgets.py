"""What rules with budgets have taken off: one counter for each rule and currency, and one for each customer besides.

Kept as the uses of coupons are. Amounts are whole minor units.

Source: docs/spec/reservations.md#budgets.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries
from quote_service.shop.reservations.model.rule_terms import BudgetKey

_QUERIES = load_queries(__file__, "budgets")
_COUNT = _QUERIES["count_spends"]
_UNCOUNT = _QUERIES["uncount_spends"]
_INSERT = _QUERIES["insert_spends"]
_OF_QUOTES = _QUERIES["spends_of_quotes"]
_RETURN = _QUERIES["return_spends"]
_TELL = _QUERIES["tell_exhaustions"]
_CORRECT = _QUERIES["correct_exhaustions"]
_COUNTED = _QUERIES["counted_and_told"]
_HOLD_RULEBOOK = _QUERIES["hold_rulebook"]


class Spend(NamedTuple):
    """What a quote takes out of the budgets of one version; without a customer, out of that of all alone."""

    quote_id: UUID
    rule_id: UUID
    rule_name: str
    currency: str
    customer_id: UUID | None
    amount_minor: int


async def count_spends(connection: Connection, more: Mapping[BudgetKey, int]) -> dict[BudgetKey, int]:
    """Add so much (0 and up) to sums, and answer them, held until the transaction ends."""
    rows = await connection.fetch(_COUNT, *_columns(more))
    return {BudgetKey(row["rule_name"], row["currency"], row["customer_id"]): row["spent_minor"] for row in rows}


async def uncount_spends(connection: Connection, fewer: Mapping[BudgetKey, int]) -> None:
    """Take amounts off sums that are held."""
    await connection.execute(_UNCOUNT, *_columns(fewer))


async def insert_spends(connection: Connection, spends: Sequence[Spend], *, is_taken: bool) -> None:
    """Note what quotes hold of budgets, or have taken."""
    await connection.execute(_INSERT, *(list(column) for column in zip(*spends, strict=True)), is_taken)


async def spends_of_quotes(connection: Connection, quote_ids: Collection[UUID], *, is_taken: bool) -> list[Spend]:
    """What these quotes hold, or have taken less what has been given back."""
    return [Spend(*row) for row in await connection.fetch(_OF_QUOTES, quote_ids, is_taken)]


async def return_spends(connection: Connection, spends: Sequence[Spend]) -> None:
    """Mark these amounts as given back."""
    await connection.execute(
        _RETURN,
        [spend.quote_id for spend in spends],
        [spend.rule_id for spend in spends],
        [spend.amount_minor for spend in spends],
    )


async def tell_exhaustions(connection: Connection, sums: Mapping[BudgetKey, int]) -> None:
    """Tell the rulebook of sums that are held."""
    await connection.execute(_TELL, *_columns(sums))


async def correct_exhaustions(connection: Connection, sums: Mapping[BudgetKey, int]) -> None:
    """Tell the rulebook of these sums where it has been told of others; its lock is held."""
    await connection.execute(_CORRECT, *_columns(sums))


async def sums_and_told(connection: Connection, keys: Collection[BudgetKey]) -> dict[BudgetKey, tuple[int, int | None]]:
    """Sums as they are now, and as the rulebook has been told of them; nothing is held."""
    rows = await connection.fetch(
        _COUNTED, [key.rule_name for key in keys], [key.currency for key in keys], [key.customer_id for key in keys]
    )
    return {
        BudgetKey(rule_name, currency, customer_id): (spent_minor, told_minor)
        for rule_name, currency, customer_id, spent_minor, told_minor in rows
    }


async def hold_rulebook(connection: Connection) -> None:
    """Hold the rulebook until the transaction ends: after every other lock, since whoever writes a rule waits for it."""
    await connection.execute(_HOLD_RULEBOOK)


def _columns(sums: Mapping[BudgetKey, int]) -> tuple[list[str], list[str], list[UUID | None], list[int]]:
    return (
        [key.rule_name for key in sums],
        [key.currency for key in sums],
        [key.customer_id for key in sums],
        list(sums.values()),
    )
