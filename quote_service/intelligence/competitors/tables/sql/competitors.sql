-- name: write_skus
INSERT INTO competitor_skus (competitor_id, their_sku, product_id, variant_id, units)
SELECT $1, their_sku, product_id, variant_id, units
FROM jsonb_to_recordset($2::text::jsonb) AS given (their_sku text, product_id uuid, variant_id uuid, units numeric)
ON CONFLICT (competitor_id, their_sku) DO UPDATE SET product_id = excluded.product_id, variant_id = excluded.variant_id,
    units = excluded.units;

-- name: remove_skus
DELETE FROM competitor_skus WHERE competitor_id = $1 AND their_sku = ANY ($2::text[]);

-- name: skus
SELECT competitor_id, their_sku, product_id, variant_id, units::text FROM competitor_skus;

-- name: unknown_items
-- The places of those that are no product of ours, or no variant of it.
SELECT given.place FROM unnest($items.0::uuid[], $items.1::uuid[]) WITH ORDINALITY AS given (product_id, variant_id, place)
LEFT JOIN products AS p ON p.id = given.product_id
LEFT JOIN product_variants AS v ON v.product_id = given.product_id AND v.id = given.variant_id AND v.place IS NOT NULL
WHERE p.id IS NULL OR (given.variant_id IS NOT NULL AND v.id IS NULL)
ORDER BY given.place;
