-- name: units_sold
-- Of products, by full hours; of several currencies together.
SELECT key_a::uuid AS product_id, sum(units)::bigint AS units FROM analytics_orders
WHERE cube = 'product' AND grain = 'hour' AND period >= $1 AND period < $2
    AND ($3::text[] IS NULL OR key_a = ANY ($3::text[])) AND key_a <> ''
GROUP BY key_a HAVING sum(units) >= $4;
