"""What must be true after a round, whatever happened in it: what shoppers were told, and what the rows say.

Source: docs/spec/orders.md#faults.
"""

from __future__ import annotations

from typing import Any

from quote_service.platform.postgres.pool import Connection, Database
from quote_service.selling.ledger.operations.check_ledger import check_ledger
from quote_service.selling.orders.operations.check_orders import check_orders
from tests.conftest import eventually
from tests.orders.campaign.shelf import Bought, Shelf
from tests.orders.campaign.world import OrderWorld
from tests.orders.market import ORDERS

_ORDERED = """
SELECT o.id::text, o.status, o.total_minor, o.customer_id::text
FROM orders AS o
WHERE EXISTS (SELECT 1 FROM order_lines AS l WHERE l.order_id = o.id AND l.seller_id = $1)
"""
_REFUNDED = """
SELECT r.order_id::text, r.id::text, r.total_minor FROM order_refunds AS r
WHERE EXISTS (SELECT 1 FROM order_lines AS l WHERE l.order_id = r.order_id AND l.seller_id = $1)
"""
_STOCK = """
SELECT i.item_id::text, i.quantity, i.reserved,
    coalesce((SELECT sum(c.quantity - c.given_back) FROM claimed_units AS c WHERE c.item_id = i.item_id AND c.is_taken), 0)
        AS taken,
    coalesce((SELECT sum(c.quantity) FROM claimed_units AS c WHERE c.item_id = i.item_id AND NOT c.is_taken), 0) AS held
FROM inventory AS i WHERE i.item_id::text = ANY ($1)
"""
_USES = """
SELECT coalesce((SELECT uses FROM coupon_usage WHERE rule_name = $1 AND customer_id IS NULL), 0) AS counted,
    (SELECT count(*) FROM coupon_uses WHERE rule_name = $1 AND given_back_at IS NULL) AS used,
    (SELECT count(*) FROM reservations WHERE status = 'held' AND $1 = ANY (coupon_rules)) AS held
"""
_SPENT = """
SELECT coalesce((SELECT spent_minor FROM budget_counters WHERE rule_name = $1 AND customer_id IS NULL), 0) AS counted,
    coalesce((SELECT sum(amount_minor - given_back_minor) FROM budget_spends WHERE rule_name = $1), 0) AS spent
"""
# What each customer owes, by the ledger.
_CHARGED = """
SELECT party_id::text, balance_minor FROM ledger_accounts WHERE account = 'customer' AND party_id::text = ANY ($1)
"""
# Lines of which more, or something else, has been refunded than the order says it is.
_STATUSES = """
SELECT o.id::text FROM orders AS o
    LEFT JOIN LATERAL (SELECT sum(quantity) AS units FROM order_lines WHERE order_id = o.id) AS bought ON true
    LEFT JOIN LATERAL (SELECT sum(quantity) AS units FROM order_refund_lines WHERE order_id = o.id) AS refunded ON true
WHERE (o.status IN ('partly_refunded', 'refunded')) <> (refunded.units IS NOT NULL)
    OR refunded.units > bought.units OR o.status = 'refunded' AND refunded.units < bought.units
"""


async def judge(world: OrderWorld, shelf: Shelf) -> list[str]:
    """What is wrong once everybody has gone; nothing, if all is well. All parts run."""
    await eventually(lambda: _holds_nothing(world.database, shelf), "reservations that are over have ended")
    wrong = list(shelf.violations)
    async with world.database.snapshot() as connection:
        wrong += await _orders(connection, shelf)
        wrong += await _taken(connection, shelf)
        wrong += await _money(connection, shelf)
    found = await check_ledger(world.database)
    wrong += [f"ledger {finding.check}: {finding.detail}" for finding in found.findings]
    of_orders = await check_orders(world.database)
    wrong += [f"orders {finding.check}: {finding.detail}" for finding in of_orders.findings]
    wrong += await _repeats(world, shelf)
    return wrong + world.traces()


async def _holds_nothing(database: Database, shelf: Shelf) -> bool:
    async with database.read() as connection:
        held = await connection.fetchval(
            "SELECT sum(reserved) FROM inventory WHERE item_id::text = ANY ($1)", list(shelf.units)
        )
    return bool(held == 0)


async def _orders(connection: Connection, shelf: Shelf) -> list[str]:
    """Orders and refunds are those that were confirmed, each once: everybody stayed until there was an answer."""
    wrong = []
    rows = {row["id"]: row for row in await connection.fetch(_ORDERED, shelf.seller_id)}
    reported = {each.order_id: each for each in shelf.bought}
    wrong += [f"nobody was told of order {each}" for each in rows.keys() - reported.keys()]
    wrong += [f"order {each} was confirmed and is not there" for each in reported.keys() - rows.keys()]
    if len(reported) != len(shelf.bought):
        wrong.append("one order was confirmed twice")
    refunds = await connection.fetch(_REFUNDED, shelf.seller_id)
    for each in reported.values():
        row = rows.get(each.order_id)
        if row is None:
            continue
        if (row["total_minor"], row["customer_id"]) != (each.total_minor, each.customer_id):
            wrong.append(f"order {each.order_id} is not as it was confirmed: {dict(row)}")
        if (row["status"] == "cancelled") != each.is_cancelled:
            wrong.append(f"order {each.order_id} is {row['status']}, cancelled for its shopper: {each.is_cancelled}")
        made = {row["id"]: row["total_minor"] for row in refunds if row["order_id"] == each.order_id}
        if made != each.refunds_minor:
            wrong.append(f"refunds of {each.order_id} are {made} and not {each.refunds_minor}")
    wrong += [f"order {row['id']}: its status is not that of its refunds" for row in await connection.fetch(_STATUSES)]
    return wrong


async def _taken(connection: Connection, shelf: Shelf) -> list[str]:
    """Stock, coupons and budgets are what accepted quotes took less what was given back, and within their bounds."""
    wrong = []
    for row in await connection.fetch(_STOCK, list(shelf.units)):
        had = shelf.units[row["item_id"]]
        if row["quantity"] != had - row["taken"] or row["reserved"] != row["held"] or row["taken"] > had:
            wrong.append(f"stock of {had} units: {dict(row)}")
    uses = await _row(connection, _USES, shelf.coupon)
    if uses["counted"] != uses["used"] + uses["held"] or uses["counted"] > shelf.uses:
        wrong.append(f"coupon of {shelf.uses} uses: {uses}")
    spent = await _row(connection, _SPENT, shelf.promotion)
    if spent["counted"] != spent["spent"] or spent["counted"] > shelf.budget_minor:
        wrong.append(f"budget of {shelf.budget_minor}: {spent}")
    return wrong


async def _money(connection: Connection, shelf: Shelf) -> list[str]:
    """Each customer owes what their orders cost less what was refunded; an order that was cancelled costs nothing."""
    owed: dict[str, int] = {}
    for each in shelf.bought:
        costs = 0 if each.is_cancelled else each.total_minor - sum(each.refunds_minor.values())
        owed[each.customer_id] = owed.get(each.customer_id, 0) + costs
    charged = {row["party_id"]: row["balance_minor"] for row in await connection.fetch(_CHARGED, list(owed))}
    return [
        f"customer {customer_id} owes {minor}, and {charged.get(customer_id)} by the ledger"
        for customer_id, minor in owed.items()
        if charged.get(customer_id, 0) != -minor
    ]


async def _repeats(world: OrderWorld, shelf: Shelf) -> list[str]:
    """The same key is answered with the same order."""
    wrong = []
    for each in shelf.bought:
        answer = await world.second_checkout.post(ORDERS, json=each.body, headers={"Idempotency-Key": each.key})
        if answer.status_code != 201 or not _is_of(answer.json(), each):
            wrong.append(f"order {each.order_id} again: {answer.status_code} {answer.text}")
    return wrong


def _is_of(answer: Any, bought: Bought) -> bool:
    return bool(answer["data"]["id"] == bought.order_id)


async def _row(connection: Connection, statement: str, *arguments: Any) -> dict[str, Any]:
    row = await connection.fetchrow(statement, *arguments)
    assert row is not None
    return dict(row)
