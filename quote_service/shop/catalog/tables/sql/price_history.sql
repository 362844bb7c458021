-- name: page_of_moves
SELECT id, variant_id, currency, old_price::text, new_price::text, reason, source_id, actor, note, at
FROM price_history
WHERE product_id = $1
  AND ($2::uuid IS NULL OR variant_id = $2)
  AND ($3::text IS NULL OR currency = $3)
  AND ($4::text IS NULL OR reason = $4)
  AND ($5::timestamptz IS NULL OR at >= $5)
  AND ($6::timestamptz IS NULL OR at < $6)
  AND ($7::bigint IS NULL OR id < $7)
ORDER BY id DESC
LIMIT $8;

-- name: price_before
SELECT new_price::text FROM price_history WHERE item_id = $1 AND currency = $2 AND at < $3 ORDER BY at DESC LIMIT 1;

-- name: buckets
-- By the number of the stretch since $3, each $5 long.
SELECT
    floor(extract(epoch FROM at - $3) / extract(epoch FROM $5::interval))::integer AS place,
    min(new_price)::text AS lowest,
    max(new_price)::text AS highest,
    (array_agg(new_price ORDER BY at DESC) FILTER (WHERE new_price IS NOT NULL))[1]::text AS last,
    (array_agg(new_price ORDER BY at DESC))[1] IS NOT NULL AS is_sold,
    min(at) AS first_at
FROM price_history
WHERE item_id = $1 AND currency = $2 AND at >= $3 AND at < $4
GROUP BY place;

-- name: is_item
SELECT EXISTS (SELECT 1 FROM products WHERE id = $1)
    AND ($2::uuid IS NULL OR EXISTS (SELECT 1 FROM product_variants WHERE id = $2 AND product_id = $1));
