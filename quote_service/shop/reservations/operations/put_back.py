"""Put back what is no longer held or used: counts go down, stock goes up, and the rulebook hears of what it was told.

Source: docs/spec/reservations.md#giving-back.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.shop.inventory.model.held_item import Move
from quote_service.shop.inventory.operations.move_units import hold_items, move_units
from quote_service.shop.reservations.model.rule_terms import BudgetKey, UseKey
from quote_service.shop.reservations.tables import budgets, coupon_uses
from quote_service.shop.reservations.tables.budgets import Spend
from quote_service.shop.reservations.tables.claimed_units import LineUnits


class LoweredCounts:
    """Counts that have gone down, for `record_lowered`."""

    __slots__ = ("spent", "uses")

    def __init__(self) -> None:
        self.uses: dict[UseKey, int] = {}
        self.spent: dict[BudgetKey, int] = {}


async def put_back_counts(connection: Connection, uses: Sequence[UseKey], spends: Sequence[Spend]) -> LoweredCounts:
    """Lower the counters of uses and budgets, in the order in which all hold them.

    Args:
        connection: Inside a transaction that holds the quotes, and nothing of rules or stock yet.
        uses: By customer, or by nobody (None) where the customer has been erased.
        spends: With the amounts that go back.
    """
    reported = LoweredCounts()
    if fewer := Counter(key for use in uses for key in {use, use._replace(customer_id=None)}):
        held = await coupon_uses.count_uses(connection, dict.fromkeys(fewer, 0))
        await coupon_uses.uncount_uses(connection, fewer)
        reported.uses = {key: count - fewer[key] for key, count in held.items()}
    less: Counter[BudgetKey] = Counter()
    for spend in spends:
        of_one = BudgetKey(spend.rule_name, spend.currency, spend.customer_id)
        for key in {of_one, of_one._replace(customer_id=None)}:
            less[key] += spend.amount_minor
    if less:
        sums = await budgets.count_spends(connection, dict.fromkeys(less, 0))
        await budgets.uncount_spends(connection, less)
        reported.spent = {key: spent - less[key] for key, spent in sums.items()}
    return reported


async def put_back_units(
    connection: Connection, units: Sequence[LineUnits], *, were_held: bool, actor: str, reason: str
) -> None:
    """Free units that were held, or put units that were taken back into stock."""
    counts: Counter[UUID] = Counter()
    for each in units:
        counts[each.item_id] += each.quantity
    held = await hold_items(connection, list(counts))
    moves: Mapping[UUID, Move] = {
        # No more than there is, if another program has freed some: the rest must not stay held for that.
        item: Move(0, -min(count, held[item].reserved)) if were_held else Move(count, 0)
        for item, count in counts.items()
    }
    await move_units(connection, held, moves, actor=actor, reason=reason)


async def record_lowered(connection: Connection, reported: LoweredCounts) -> None:
    """Notify the rulebook of counts that it knows and that have gone down: the last thing in a transaction."""
    if not reported.uses and not reported.spent:
        return
    # By itself, so that what follows sees what a writer of rules has told until then.
    await budgets.hold_rulebook(connection)
    if reported.uses:
        await coupon_uses.correct_exhaustions(connection, reported.uses)
    if reported.spent:
        await budgets.correct_exhaustions(connection, reported.spent)
