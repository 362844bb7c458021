-- What the database knew at an instant of the past. Prices, movements of stock, accepted lines and sold units of sales are kept
-- with their instants; everything else of a product is as it is now.

-- name: versions
-- The version that counted at an instant, NULL before the first one; and the first. A change is known from the instant that it
-- shows, which is that of its request ($2): its version is made when it has the rulebook's lock, some milliseconds later.
SELECT
    greatest((SELECT max(version) FROM rulebook_versions WHERE version <= $1), (
        SELECT max(version) FROM rulebook_versions AS later
        WHERE version > $1 AND version <= $1 + 60000000 AND EXISTS (
            SELECT FROM (
                SELECT changed_at FROM pricing_rules WHERE changed_in = later.version
                UNION ALL SELECT changed_at FROM pricing_rule_history WHERE changed_in = later.version
                UNION ALL SELECT changed_at FROM commission_rates WHERE changed_in = later.version
                UNION ALL SELECT changed_at FROM commission_rate_history WHERE changed_in = later.version
                UNION ALL SELECT changed_at FROM feature_flags WHERE changed_in = later.version
                UNION ALL SELECT changed_at FROM feature_flag_history WHERE changed_in = later.version
            ) AS written
            WHERE changed_at > $2::timestamptz - interval '1 minute' AND changed_at <= $2
        )
    )),
    (SELECT min(version) FROM rulebook_versions);

-- name: categories
SELECT id::text, parent_id::text FROM categories;

-- name: seller_regions
SELECT id::text, region FROM sellers WHERE region IS NOT NULL AND id = ANY ($1::uuid[]);

-- name: products
-- One row for each product, and one for each of its variants that is asked for; a product that came later is not there. A
-- variant that has no price of its own at the instant costs what its product does.
SELECT
    product.id::text AS product_id,
    asked.variant_id::text AS variant_id,
    product.category_id::text AS category_id,
    product.seller_id::text AS seller_id,
    product.tags,
    trunc(product.weight * 1000000)::text AS weight_micro,
    product.is_active,
    trunc(coalesce(own_move.new_price, move.new_price) * 1000000)::text AS current_micro,
    trunc(coalesce(own.min_price, whole.min_price, 0) * 1000000)::text AS min_micro,
    trunc(CASE WHEN own.item_id IS NULL THEN whole.max_price ELSE own.max_price END * 1000000)::text AS max_micro,
    trunc(CASE WHEN own.item_id IS NULL THEN whole.cost_price ELSE own.cost_price END * 1000000)::text AS cost_micro
FROM (
    SELECT unnest($1::uuid[]) AS product_id, NULL::uuid AS variant_id
    UNION
    SELECT product_id, variant_id FROM unnest($2::uuid[], $3::uuid[]) AS line (product_id, variant_id)
) AS asked
JOIN products AS product ON product.id = asked.product_id AND product.created_at <= $5
LEFT JOIN product_variants AS variant ON variant.id = asked.variant_id AND variant.product_id = product.id
LEFT JOIN product_prices AS whole ON whole.item_id = product.id AND whole.currency = $4
LEFT JOIN product_prices AS own ON own.item_id = variant.id AND own.currency = $4
LEFT JOIN LATERAL (
    SELECT new_price FROM price_history WHERE item_id = product.id AND currency = $4 AND at <= $5 ORDER BY at DESC LIMIT 1
) AS move ON true
LEFT JOIN LATERAL (
    SELECT new_price FROM price_history WHERE item_id = variant.id AND currency = $4 AND at <= $5 ORDER BY at DESC LIMIT 1
) AS own_move ON true
WHERE asked.variant_id IS NULL OR variant.place IS NOT NULL;

-- name: stock
-- What could be sold of each item of these products that has stock; of one that had not moved yet nothing is known.
SELECT stock.item_id::text, moved.units
FROM inventory AS stock
CROSS JOIN LATERAL (
    SELECT movement.quantity - movement.reserved AS units FROM inventory_movements AS movement
    WHERE movement.product_id = stock.product_id AND movement.item_id = stock.item_id AND movement.at <= $2
    ORDER BY movement.id DESC LIMIT 1
) AS moved
WHERE stock.product_id = ANY ($1::uuid[]) AND stock.version > 0;

-- name: demand
-- Counted to the full minute before the instant, five seconds late, as it was then.
SELECT product_id::text, sum(quantity)::bigint
FROM accepted_quote_lines
WHERE product_id = ANY ($1::uuid[])
    AND accepted_at >= date_trunc('minute', $2::timestamptz - interval '5 seconds') - make_interval(hours => $3)
    AND accepted_at < date_trunc('minute', $2::timestamptz - interval '5 seconds')
GROUP BY product_id;

-- name: sales
-- Items that were on sale at the first instant, by what was known at the second: there were such sales, and units left. A sale
-- that was called off before its start was never on.
SELECT
    item.id,
    sale.id::text AS sale_id,
    item.product_id::text AS product_id,
    item.currency,
    item.sale_price_minor,
    epoch_us(sale.starts_at) AS starts_us,
    epoch_us(sale.ends_at) AS ends_us
FROM flash_sale_items AS item
JOIN flash_sales AS sale ON sale.id = item.sale_id
WHERE item.product_id = ANY ($1::uuid[])
    AND sale.created_at <= $3
    AND sale.starts_at <= $2 AND $2 < sale.ends_at
    AND NOT (sale.state = 'cancelled' AND sale.ends_at > sale.changed_at)
    AND item.allocated > (
        SELECT coalesce(sum(entry.delta), 0) FROM flash_sale_ledger AS entry
        WHERE entry.item_id = item.id AND entry.at <= least($2, $3)
    );
