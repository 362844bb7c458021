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
    campaign.id AS campaign_id, campaign.target_sales_count, campaign.sold, campaign.hours_left,
    ceil(campaign.starting_price * (1 - campaign.limit_percent / 100) * scale)::bigint AS campaign_low_minor,
    floor(campaign.starting_price * (1 + campaign.limit_percent / 100) * scale)::bigint AS campaign_high_minor,
    campaign.id IS NOT NULL AS is_in_campaign,
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
LEFT JOIN LATERAL (
    -- Of a price no two are active. What it has sold, it told at its last full hour.
    SELECT c.id, c.target_sales_count, c.starting_price, c.limit_percent,
        coalesce((SELECT h.sold FROM campaign_hours AS h WHERE h.campaign_id = c.id ORDER BY h.hour DESC LIMIT 1), 0) AS sold,
        greatest(0, extract(epoch FROM c.ends_at - statement_timestamp()) / 3600)::float8 AS hours_left
    FROM campaigns AS c WHERE c.item_id = f.product_id AND c.currency = f.currency AND c.status = 'active'
    LIMIT 1
) AS campaign ON true
LEFT JOIN inventory AS stock ON stock.item_id = f.product_id
ORDER BY f.product_id, f.currency;

-- name: families
-- The other sizes of the families that some prices are of; a product that is not sold bounds nothing.
SELECT own.product_id, own.currency, own.family, trunc(own.family_units * 1000000)::bigint::text AS units_micro,
    other.product_id AS other_id, trunc(other.family_units * 1000000)::bigint::text AS other_units_micro,
    trunc(pp.current_price * 1000000)::bigint::text AS other_price_micro
FROM unnest($1::uuid[], $2::text[]) AS wanted (product_id, currency)
JOIN price_policies AS own USING (product_id, currency)
JOIN price_policies AS other
    ON other.family = own.family AND other.currency = own.currency AND other.product_id <> own.product_id
JOIN products AS pr ON pr.id = other.product_id AND pr.is_active
JOIN product_prices AS pp ON pp.item_id = other.product_id AND pp.currency = other.currency
WHERE own.family IS NOT NULL
ORDER BY own.product_id, own.currency, other.family_units;

-- name: database_now
SELECT clock_timestamp();
