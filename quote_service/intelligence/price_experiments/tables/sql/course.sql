-- name: mixed_up
-- A product that is not sold any more, or whose price somebody else has moved.
SELECT p.product_id, now.product_id IS NOT NULL AND pr.is_active AS is_sold FROM price_experiments AS e
JOIN price_experiment_products AS p ON p.experiment_id = e.id
JOIN products AS pr ON pr.id = p.product_id
LEFT JOIN product_prices AS now
    ON now.product_id = p.product_id AND now.currency = e.currency AND now.variant_id IS NULL
WHERE e.id = $1 AND (
    now.product_id IS NULL OR NOT pr.is_active OR now.current_price * 10::numeric ^ p.exponent <> p.set_minor
)
ORDER BY p.product_id LIMIT 1;

-- name: sold
-- By cluster and stretch: what was ordered, but for cancelled orders, after discounts and before tax. Orders are found by the
-- time in their ids.
SELECT p.cluster, s.number AS stretch, sum(l.quantity)::numeric AS units,
    sum(l.total_minor - l.discount_minor)::numeric AS revenue,
    sum(l.total_minor - l.discount_minor - l.quantity * coalesce(p.cost_minor, 0))::numeric AS profit
FROM price_experiment_products AS p
JOIN unnest($2::uuid[], $3::uuid[]) WITH ORDINALITY AS s (begins, ends, number) ON true
JOIN order_lines AS l ON l.product_id = p.product_id AND l.order_id >= s.begins AND l.order_id < s.ends
JOIN orders AS o ON o.id = l.order_id AND o.currency = $4 AND o.status <> 'cancelled'
WHERE p.experiment_id = $1
GROUP BY p.cluster, s.number;
