-- name: take_uncounted
DELETE FROM analytics_uncounted
WHERE number IN (SELECT number FROM analytics_uncounted ORDER BY number LIMIT $1)
RETURNING kind, source_id AS id;

-- name: counted_issue
-- When a quote was issued, as far as a process counted it: quotes of the past that were written as accepted are by no process.
CASE WHEN quote.accepted_by_kind <> 'system' THEN quote.issued_at END AS issued_at;

-- name: quotes
SELECT quote.accepted_at, quote.currency, quote.total_minor, quote.data, quote.request, :counted_issue
FROM accepted_quotes AS quote WHERE quote.quote_id = ANY ($1::uuid[]);

-- name: orders
SELECT o.id, o.placed_at, o.cancelled_at, o.currency, o.exponent, o.item_total_minor, o.discount_minor, o.exclusive_tax_minor,
    o.inclusive_tax_minor, o.delivery_fee_minor, o.small_basket_fee_minor, o.fee_exclusive_tax_minor,
    o.fee_inclusive_tax_minor, o.total_minor, o.sellers::text AS sellers, quote.data, quote.request, :counted_issue
FROM orders AS o LEFT JOIN accepted_quotes AS quote ON quote.quote_id = o.quote_id
WHERE o.id = ANY ($1::uuid[]);

-- name: lines
SELECT order_id, line_id, product_id, variant_id, seller_id, quantity, unit_price_micro, total_minor, discount_minor,
    seller_discount_minor, tax_minor, is_tax_included, discounts::text AS discounts, commissions::text AS commissions
FROM order_lines WHERE order_id = ANY ($1::uuid[])
ORDER BY order_id, line_id;

-- name: refunds
SELECT id, order_id, refunded_at, total_minor, delivery_fee_minor, small_basket_fee_minor, fee_exclusive_tax_minor,
    fee_inclusive_tax_minor, sellers::text AS sellers
FROM order_refunds WHERE id = ANY ($1::uuid[]);

-- name: refund_lines
SELECT r.refund_id, r.line_id, l.seller_id, l.product_id, l.variant_id, r.quantity, r.goods_minor, r.tax_minor,
    l.is_tax_included, r.discounts::text AS discounts, r.commissions::text AS commissions
FROM order_refund_lines AS r JOIN order_lines AS l USING (order_id, line_id)
WHERE r.refund_id = ANY ($1::uuid[])
ORDER BY r.refund_id, r.line_id;

-- name: variants
SELECT key, (rollout -> 'variants')::text AS variants FROM feature_flags
WHERE jsonb_typeof(rollout::jsonb -> 'variants') = 'array';

-- name: uncount
-- One statement, which sees what is to be counted and all that is there as of one instant: what is written meanwhile stands
-- in neither, and is to be counted once all the same.
WITH emptied AS (DELETE FROM analytics_uncounted)
INSERT INTO analytics_uncounted (kind, source_id)
SELECT 'quote', quote_id FROM accepted_quotes
UNION ALL SELECT 'order', id FROM orders
UNION ALL SELECT 'refund', id FROM order_refunds
UNION ALL SELECT 'cancellation', order_id FROM order_events WHERE action = 'cancel';
