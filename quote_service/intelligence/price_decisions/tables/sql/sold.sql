-- name: sold_days
-- What was sold of each product on each day that is over, as reports have it.
SELECT key_a::uuid AS product_id, currency, (period AT TIME ZONE $3)::date AS day, units, gross_minor,
    seller_discount_minor + platform_discount_minor AS discount_minor
FROM analytics_orders
WHERE cube = 'product' AND grain = 'day' AND period >= $1 AND period < $2 AND units > 0 AND gross_minor > 0
ORDER BY 1, 2, 3;

-- name: priced_products
-- What products cost now, and what category they are of.
SELECT f.product_id, f.currency, coalesce(f.category_id::text, '') AS category, f.current_units::text AS current_units,
    f.cost_minor
FROM price_policies_in_force AS f WHERE f.product_id = ANY ($1::uuid[]);

-- name: costs_of_past
-- What a unit cost from each instant on, in minor units. A policy's cost has no past.
SELECT product_id, currency, at, (cost * 10::numeric ^ currency_digits(currency))::float8 AS cost_minor
FROM product_costs WHERE product_id = ANY ($1::uuid[]) AND at < $2 ORDER BY product_id, currency, at;

-- name: has_sold
-- Whether there is anything to learn from: a process for nothing costs seconds.
SELECT EXISTS (
    SELECT 1 FROM analytics_orders
    WHERE cube = 'product' AND grain = 'day' AND period < statement_timestamp() - interval '5 days' AND units > 0
);

-- name: try_learning
-- Until the session ends or gives it back, nobody else learns.
SELECT pg_try_advisory_lock(hashtext('price_models'));

-- name: end_learning
SELECT pg_advisory_unlock(hashtext('price_models'));
