-- name: refunded_units
SELECT line_id, sum(quantity) AS units FROM order_refund_lines WHERE order_id = $1 GROUP BY line_id;

-- name: refunded_fees
SELECT
    count(*) AS refunds,
    coalesce(sum(delivery_fee_minor), 0)::bigint AS delivery_fee_minor,
    coalesce(sum(small_basket_fee_minor), 0)::bigint AS small_basket_fee_minor,
    coalesce(sum(fee_exclusive_tax_minor), 0)::bigint AS exclusive_tax_minor,
    coalesce(sum(fee_inclusive_tax_minor), 0)::bigint AS inclusive_tax_minor
FROM order_refunds WHERE order_id = $1;

-- name: write_refund
WITH refund AS (
    INSERT INTO order_refunds (
        id, order_id, number, order_status, delivery, restock, reason, delivery_fee_minor, small_basket_fee_minor,
        fee_exclusive_tax_minor, fee_inclusive_tax_minor, total_minor, sellers, refunded_at, actor, actor_kind, request_id
    ) VALUES ($refund.id, $refund.order_id, $refund.number, $refund.order_status, $refund.delivery, $refund.restock,
        $refund.reason, $refund.figures.fees.delivery_fee_minor, $refund.figures.fees.small_basket_fee_minor,
        $refund.figures.fees.exclusive_tax_minor, $refund.figures.fees.inclusive_tax_minor, $refund.figures.total_minor,
        $refund.figures.sellers::text::json, $refund.refunded_at, $change.actor, $change.actor_kind, $change.request_id)
    RETURNING id, order_id
)
UPDATE orders SET status = $refund.order_status, changed_at = $refund.refunded_at FROM refund WHERE orders.id = refund.order_id;

-- name: write_lines
INSERT INTO order_refund_lines (refund_id, order_id, line_id, quantity, goods_minor, tax_minor, discounts, commissions)
SELECT $refund.id, $refund.order_id, line_id, quantity, goods_minor, tax_minor, discounts::json, commissions::json
FROM unnest($refund.figures.lines.line_id::smallint[], $refund.figures.lines.quantity::integer[],
    $refund.figures.lines.goods_minor::bigint[], $refund.figures.lines.tax_minor::bigint[],
    $refund.figures.lines.discounts::text[], $refund.figures.lines.commissions::text[])
    AS line (line_id, quantity, goods_minor, tax_minor, discounts, commissions);

-- name: refund
SELECT r.id, r.order_id, r.number, r.order_status, o.currency, o.exponent, r.delivery, r.restock, r.reason,
    r.delivery_fee_minor, r.small_basket_fee_minor, r.fee_exclusive_tax_minor, r.fee_inclusive_tax_minor,
    r.sellers::text AS sellers, r.refunded_at, r.actor
FROM order_refunds AS r JOIN orders AS o ON o.id = r.order_id
WHERE r.order_id = $1 AND r.id = $2;

-- name: page_of_refunds
SELECT r.id, r.order_id, r.number, r.order_status, o.currency, o.exponent, r.delivery, r.restock, r.reason,
    r.delivery_fee_minor, r.small_basket_fee_minor, r.fee_exclusive_tax_minor, r.fee_inclusive_tax_minor,
    r.sellers::text AS sellers, r.refunded_at, r.actor
FROM order_refunds AS r JOIN orders AS o ON o.id = r.order_id
WHERE r.order_id = $1 AND r.number > $2
ORDER BY r.number LIMIT $3;

-- name: lines_of_refunds
SELECT r.refund_id, r.line_id, l.seller_id, l.product_id, l.variant_id, r.quantity, r.goods_minor, r.tax_minor,
    l.is_tax_included, r.discounts::text AS discounts, r.commissions::text AS commissions
FROM order_refund_lines AS r JOIN order_lines AS l USING (order_id, line_id)
WHERE r.refund_id = ANY ($1::uuid[])
ORDER BY r.refund_id, r.line_id;

-- name: customer_of_order
SELECT customer_id FROM orders WHERE id = $1;

-- name: refunds_of_customer
SELECT r.id, r.order_id, r.number, r.order_status, o.currency, o.exponent, r.delivery, r.restock, r.reason,
    r.delivery_fee_minor, r.small_basket_fee_minor, r.fee_exclusive_tax_minor, r.fee_inclusive_tax_minor,
    r.sellers::text AS sellers, r.refunded_at, r.actor
FROM order_refunds AS r JOIN orders AS o ON o.id = r.order_id
WHERE o.customer_id = $1 AND (r.order_id, r.number) > ($2, $3)
ORDER BY r.order_id, r.number LIMIT $4;

-- name: forget_reasons
WITH forgotten AS (
    UPDATE order_events AS e SET reason = NULL FROM orders AS o
    WHERE o.customer_id = $1 AND e.order_id = o.id AND e.reason IS NOT NULL
)
UPDATE order_refunds AS r SET reason = NULL FROM orders AS o
WHERE o.customer_id = $1 AND r.order_id = o.id AND r.reason IS NOT NULL;
