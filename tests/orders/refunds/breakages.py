"""What can be done to refunds behind the back of every trigger, and which checks find it.

Source: docs/spec/orders.md#check.
"""

OF_REFUND = "WHERE source_id IN (SELECT id FROM order_refunds WHERE order_id = $1)"
#: With the id of an order of 3 units, of which 2 are refunded with their share of the delivery.
BREAKAGES: list[tuple[str, set[str]]] = [
    ("UPDATE order_refunds SET total_minor = total_minor - 1 WHERE order_id = $1", {"refunds", "refunded"}),
    ("UPDATE order_refunds SET sellers = '[]' WHERE order_id = $1", {"refunds"}),
    ("UPDATE order_refunds SET delivery_fee_minor = 1 WHERE order_id = $1", {"refunds", "refunded"}),
    ("UPDATE order_refund_lines SET goods_minor = 0 WHERE order_id = $1", {"refunded"}),
    ("UPDATE order_refund_lines SET quantity = 4 WHERE order_id = $1", {"refunded"}),
    ("UPDATE orders SET status = 'refunded' WHERE id = $1", {"refunded"}),
    ("UPDATE orders SET status = 'placed' WHERE id = $1", {"refunded"}),
    (f"UPDATE ledger_transactions SET kind = 'adjustment' {OF_REFUND}", {"refunds"}),
    (f"UPDATE ledger_transactions SET source_id = gen_random_uuid() {OF_REFUND}", {"refunds"}),
]
