"""Whether the orders of a sale are those of its confirmed purchases, from the tables alone.

Source: docs/spec/flash-sales.md#invariants.
"""

from __future__ import annotations

from uuid import UUID

from quote_service.platform.postgres.pool import Database

_DIFFERENT = """
SELECT format('I15: purchase %s is %s, and has %s orders that fit of %s', purchase.id, purchase.status, fitting, orders)
FROM flash_sale_purchases AS purchase
JOIN flash_sale_items AS item ON item.id = purchase.item_id
CROSS JOIN LATERAL (
    SELECT count(*) AS orders, count(*) FILTER (
        WHERE placed.customer_id = purchase.customer_id AND placed.currency = item.currency
            AND (placed.quantity, placed.item_total_minor, placed.total_minor)
                = (purchase.quantity, purchase.quantity * purchase.unit_price_minor, purchase.quantity * purchase.unit_price_minor)
            AND (
                SELECT count(*) = 1 AND bool_and(
                    line.product_id = item.product_id AND line.quantity = purchase.quantity
                    AND line.total_minor = placed.total_minor
                )
                FROM order_lines AS line WHERE line.order_id = placed.id
            )
            AND -placed.total_minor = (
                SELECT coalesce(sum(entry.amount_minor), 0)
                FROM ledger_transactions AS posted
                JOIN ledger_entries AS entry ON entry.transaction_id = posted.id
                JOIN ledger_accounts AS account ON account.id = entry.account_id
                WHERE posted.kind = 'order' AND posted.source_id = placed.id
                    AND account.account = 'customer' AND account.party_id = purchase.customer_id
            )
    ) AS fitting
    FROM orders AS placed WHERE placed.purchase_id = purchase.id
) AS found
WHERE purchase.sale_id = $1
    AND (orders, fitting) <> (CASE WHEN purchase.status = 'confirmed' THEN (1::bigint, 1::bigint) ELSE (0::bigint, 0::bigint) END)
"""


async def wrong_orders(database: Database, sale_id: UUID) -> list[str]:
    """What is wrong with the orders of a sale."""
    async with database.read() as connection:
        return [row[0] for row in await connection.fetch(_DIFFERENT, sale_id)]
