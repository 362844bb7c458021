-- name: items_in_mode
-- Prices that the loop looks at, from behind one of them.
SELECT product_id, currency FROM price_policies_in_force
WHERE mode <> 'off' AND claimed_by IS NULL AND is_active AND ($1::uuid IS NULL OR (product_id, currency) > ($1, $2))
ORDER BY product_id, currency LIMIT $3;

-- name: facts
-- What bears on some prices now. What moves a price besides is an obstacle: each price has one mover.
SELECT f.product_id, f.currency, f.exponent, f.policy_id, f.category_policy_id, f.default_policy_id, f.mode, f.is_active,
    f.claimed_by, f.current_units::text AS current_units, f.floor_minor, f.ceiling_minor, f.minimum_advertised_minor, f.cost_minor,
    f.lowest_margin_bp, f.highest_margin_bp, f.step_bp, f.day_bp, f.cumulative_bp, f.above_competitors_bp,
    f.below_competitors_bp, f.competitor_seconds, f.price_every::text AS price_every,
    f.price_endings::text[] AS price_endings, f.keep_lowest_30_days, f.breaker_move_bp, f.breaker_share_bp,
    (anchors.confirmed * scale)::text AS confirmed_units, (anchors.day_start * scale)::text AS day_start_units,
    floor(lowest_price_30_days(f.product_id, f.currency, statement_timestamp()) * scale)::bigint AS lowest_30_days_minor,
    stock.quantity - stock.reserved AS stock,
    EXISTS (
        SELECT 1 FROM campaigns AS c WHERE c.item_id = f.product_id AND c.currency = f.currency AND c.status = 'active'
    ) AS is_in_campaign,
    EXISTS (
        SELECT 1 FROM flash_sale_items AS i
        WHERE i.product_id = f.product_id AND i.is_open AND i.period @> statement_timestamp()
    ) AS is_in_flash_sale,
    EXISTS (
        SELECT 1 FROM change_sets AS s CROSS JOIN LATERAL json_array_elements(s.content -> 'prices') AS edit
        WHERE s.status = 'scheduled' AND edit ->> 'product_id' = f.product_id::text AND edit ->> 'currency' = f.currency
    ) AS is_in_change_set,
    EXISTS (
        SELECT 1 FROM inventory_price_moves AS m
        WHERE m.item_id = f.product_id AND m.currency = f.currency AND m.price_after * scale = f.current_units
    ) AS is_moved_by_stock
FROM unnest($1::uuid[], $2::text[]) AS wanted (product_id, currency)
JOIN price_policies_in_force AS f USING (product_id, currency)
CROSS JOIN LATERAL (SELECT 10::numeric ^ f.exponent AS scale) AS unit
CROSS JOIN LATERAL price_anchors(f.product_id, f.currency) AS anchors
LEFT JOIN inventory AS stock ON stock.item_id = f.product_id
ORDER BY f.product_id, f.currency;

-- name: database_now
SELECT clock_timestamp();
