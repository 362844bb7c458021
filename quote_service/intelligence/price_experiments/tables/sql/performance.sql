-- name: sold_at_decided_prices
-- What was sold at the price of each decision that a machine proposed, by day: from when it was set until the price moved again.
-- Ordered, but for cancelled orders, after discounts and before tax.
WITH decided AS MATERIALIZED (
    SELECT d.id, d.product_id, d.currency, d.exponent, d.mode, d.confirmed_minor, d.price_minor, d.cost_minor, d.applied_at,
        (d.details -> 'elasticity' ->> 'mean')::float8 AS mean, (d.details -> 'elasticity' ->> 'low')::float8 AS low,
        (d.details -> 'elasticity' ->> 'high')::float8 AS high,
        coalesce((
            SELECT min(h.at) FROM price_history AS h
            WHERE h.item_id = d.product_id AND h.currency = d.currency AND h.at > d.applied_at
        ), 'infinity') AS until
    FROM price_decisions AS d
    WHERE d.origin = 'loop' AND d.state IN ('applied', 'rolled_back') AND d.applied_at < $2
        AND ($3::text IS NULL OR d.currency = $3) AND ($4::uuid IS NULL OR d.product_id = $4)
)
SELECT decided.id, decided.product_id, decided.currency, decided.exponent, decided.mode, decided.confirmed_minor,
    decided.price_minor, decided.cost_minor, decided.mean, decided.low, decided.high,
    (o.placed_at AT TIME ZONE $7)::date AS day, sum(l.quantity)::bigint AS units,
    sum(l.total_minor - l.discount_minor)::bigint AS revenue_minor
FROM decided
JOIN order_lines AS l ON l.product_id = decided.product_id AND l.order_id >= $5 AND l.order_id < $6
JOIN orders AS o ON o.id = l.order_id AND o.currency = decided.currency AND o.status <> 'cancelled'
    AND o.placed_at >= greatest(decided.applied_at, $1) AND o.placed_at < least(decided.until, $2)
WHERE decided.until > $1
GROUP BY decided.id, decided.product_id, decided.currency, decided.exponent, decided.mode, decided.confirmed_minor,
    decided.price_minor, decided.cost_minor, decided.mean, decided.low, decided.high, day
ORDER BY day, decided.id;
