-- name: stock
SELECT i.product_id, i.variant_id, coalesce(v.sku, p.sku) AS sku, i.quantity, i.reserved, i.low_threshold, i.high_threshold,
    trim_scale(i.low_adjust_percent)::text AS low_adjust_percent,
    trim_scale(i.high_adjust_percent)::text AS high_adjust_percent,
    i.is_dynamic, i.level, i.version, i.changed_by, i.updated_at
FROM inventory AS i JOIN products AS p ON p.id = i.product_id LEFT JOIN product_variants AS v ON v.id = i.variant_id
WHERE i.item_id = coalesce($2::uuid, $1::uuid) AND i.product_id = $1;

-- name: lock_stock
SELECT item_id FROM inventory WHERE item_id = coalesce($2::uuid, $1::uuid) AND product_id = $1 FOR NO KEY UPDATE;

-- name: sku_of_item
-- Null where there is no such product; an empty text where it has no such variant.
SELECT CASE WHEN $2::uuid IS NULL THEN p.sku ELSE coalesce(v.sku, '') END
FROM products AS p LEFT JOIN product_variants AS v ON v.product_id = p.id AND v.id = $2 AND v.place IS NOT NULL
WHERE p.id = $1;

-- name: insert_nothing_yet
INSERT INTO inventory (product_id, variant_id, version) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING;

-- name: set_change_reason
SELECT set_config('quote_service.stock_actor', $1, true), set_config('quote_service.stock_reason', $2, true);

-- name: update_stock
UPDATE inventory SET
    quantity = $2, low_threshold = $3, high_threshold = $4, low_adjust_percent = $5, high_adjust_percent = $6,
    is_dynamic = $7
WHERE item_id = $1;

-- name: update_quantity
UPDATE inventory SET quantity = $2 WHERE item_id = $1;

-- name: every_stock
SELECT i.item_id, i.product_id, i.variant_id, coalesce(v.sku, p.sku) AS sku, i.quantity, i.reserved, i.low_threshold, i.high_threshold,
    trim_scale(i.low_adjust_percent)::text AS low_adjust_percent,
    trim_scale(i.high_adjust_percent)::text AS high_adjust_percent,
    i.is_dynamic, i.level, i.version, i.changed_by, i.updated_at
FROM inventory AS i JOIN products AS p ON p.id = i.product_id LEFT JOIN product_variants AS v ON v.id = i.variant_id
WHERE i.version > 0;

-- name: count_of_level
SELECT count(*) FROM inventory WHERE level = $1;
