"""Orders of the baskets that were bought: placed by the operation that places everybody's, on the day they were bought.

Source: docs/spec/demonstration.md#what-it-leaves.
"""

from collections.abc import Sequence
from hashlib import sha256
from itertools import groupby
from typing import Final
from uuid import UUID

from quote_service.lab.demonstration.model.baskets import SoldBasket, baskets_of
from quote_service.lab.demonstration.model.market import DayOfGood
from quote_service.lab.demonstration.model.plan import AUTHOR, DemonstrationPlan
from quote_service.lab.demonstration.model.progress import ReportProgress
from quote_service.platform.postgres.idempotency_keys import KeyUse
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.errors import Conflict, Unavailable
from quote_service.quotes.operations.sign_receipt import ReceiptSigner
from quote_service.selling.orders.operations.asked_order import AskedOrder, PlacedOrder
from quote_service.selling.orders.operations.place_orders import place_orders

_ROUTE: Final = "POST /api/v1/orders"


async def order_history(
    database: Database,
    plan: DemonstrationPlan,
    days_sold: Sequence[DayOfGood],
    receipts: ReceiptSigner,
    report: ReportProgress,
) -> None:
    """Place an order of every accepted quote, a day in a transaction; what was placed before stays as it is.

    Args:
        database: Where the quotes are accepted.
        plan: When the days were.
        told: All days of the market, in their order.
        receipts: Of quotes that would have to be accepted; none has.
        tell: Told of progress.

    Raises:
        Conflict: A quote is not there.
        Unavailable: PostgreSQL gave no answer; earlier days are written.
    """
    for number, day in groupby(days_sold, key=lambda each: each.day):
        asked = [_asked(basket) for basket in baskets_of(plan, number, list(day))]
        async with database.transaction() as connection:
            outcomes = await place_orders(connection, asked, receipts)
        for outcome in outcomes:
            if isinstance(outcome, Unavailable):
                raise outcome
            if not isinstance(outcome, PlacedOrder):
                raise Conflict(f"An order of the demonstration was refused: {outcome}")
        report("days of orders", number + 1, plan.days + 1)


def _asked(basket: SoldBasket) -> AskedOrder:
    return AskedOrder(
        use=KeyUse(AUTHOR, _ROUTE, basket.quote_id, sha256(basket.quote_id.encode()).digest()),
        change=change_by_system(AUTHOR, basket.at_us + basket.decides_us),
        quote_id=UUID(basket.quote_id),
        offer=None,
        customer_id=None,
        shopper_id=None,
    )
