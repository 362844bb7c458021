"""What rules with budgets have taken off: one counter for each rule and currency, and one for each customer besides.

Kept as the uses of coupons are. Amounts are whole minor units.

Source: docs/spec/reservations.md#budgets.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.shop.reservations.model.rule_terms import BudgetKey

STATEMENTS = Statements(__file__, "budgets")


class Spend(NamedTuple):
    """What a quote takes out of the budgets of one version; without a customer, out of that of all alone."""

    quote_id: UUID
    rule_id: UUID
    rule_name: str
    currency: str
    customer_id: UUID | None
    amount_minor: int


@STATEMENTS.query()
async def count_spends(connection: Connection, more: Mapping[BudgetKey, int]) -> dict[BudgetKey, int]:
    """Add so much (0 and up) to sums, and answer them, held until the transaction ends."""


@STATEMENTS.query()
async def uncount_spends(connection: Connection, fewer: Mapping[BudgetKey, int]) -> None:
    """Take amounts off sums that are held."""


@STATEMENTS.query()
async def insert_spends(connection: Connection, spends: Sequence[Spend], *, is_taken: bool) -> None:
    """Note what quotes hold of budgets, or have taken."""


@STATEMENTS.query()
async def spends_of_quotes(connection: Connection, quote_ids: Collection[UUID], *, is_taken: bool) -> list[Spend]:
    """What these quotes hold, or have taken less what has been given back."""


@STATEMENTS.query()
async def return_spends(connection: Connection, spends: Sequence[Spend]) -> None:
    """Mark these amounts as given back."""


@STATEMENTS.query()
async def record_exhaustions(connection: Connection, sums: Mapping[BudgetKey, int]) -> None:
    """Notify the rulebook of sums that are held."""


@STATEMENTS.query()
async def correct_exhaustions(connection: Connection, sums: Mapping[BudgetKey, int]) -> None:
    """Notify the rulebook of these sums where it knows others; its lock is held."""


@STATEMENTS.query()
async def sums_and_recorded(
    connection: Connection, keys: Collection[BudgetKey]
) -> dict[BudgetKey, tuple[int, int | None]]:
    """Sums as they are now, and as the rulebook has been notified of them; nothing is held."""


@STATEMENTS.query()
async def hold_rulebook(connection: Connection) -> None:
    """Hold the rulebook until the transaction ends: after every other lock, since whoever writes a rule waits for it."""
