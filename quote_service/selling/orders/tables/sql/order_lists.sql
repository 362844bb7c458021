-- name: plan_for_values
-- Filters that are not given fold away when a statement is planned with its values.
SELECT set_config('plan_cache_mode', 'force_custom_plan', true);

-- name: page_of_orders
-- $5 and $6 are the first ids of the milliseconds in which the period begins and ends.
SELECT id FROM orders
WHERE ($1::uuid IS NULL OR customer_id = $1)
  AND ($2::text IS NULL OR status = $2)
  AND ($3::timestamptz IS NULL OR placed_at >= $3)
  AND ($4::timestamptz IS NULL OR placed_at < $4)
  AND ($5::uuid IS NULL OR id >= $5)
  AND ($6::uuid IS NULL OR id < $6)
  AND ($7::uuid IS NULL OR id < $7)
ORDER BY id DESC
LIMIT $8;

-- name: page_of_orders_by_line
SELECT line.order_id AS id
FROM order_lines AS line JOIN orders AS o ON o.id = line.order_id
WHERE ($1::uuid IS NULL OR o.customer_id = $1)
  AND ($2::text IS NULL OR o.status = $2)
  AND ($3::timestamptz IS NULL OR o.placed_at >= $3)
  AND ($4::timestamptz IS NULL OR o.placed_at < $4)
  AND ($5::uuid IS NULL OR line.order_id >= $5)
  AND ($6::uuid IS NULL OR line.order_id < $6)
  AND ($7::uuid IS NULL OR line.order_id < $7)
  AND ($9::uuid IS NULL OR line.seller_id = $9)
  AND ($10::uuid IS NULL OR line.product_id = $10)
GROUP BY line.order_id
ORDER BY line.order_id DESC
LIMIT $8;
