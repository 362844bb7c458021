-- Products and variants with what they cost, a row for each currency; a product that has no price has one row without. Each
-- query stands here twice: of everything, and of products that some ended transactions changed.

-- name: plan_by_index
-- The planner cannot know how few rows the ended transactions have changed: they come first, and the rest is looked up.
SELECT set_config('join_collapse_limit', '1', true), set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
    set_config('enable_mergejoin', 'off', true);

-- name: product_columns
uuid_send(product.id) AS product,
price.currency,
packed_figures(price.current_price, price.min_price, price.max_price, price.cost_price, product.weight) AS figures,
(price.max_price IS NOT NULL)::int + 2 * (price.cost_price IS NOT NULL)::int + 4 * (product.weight IS NOT NULL)::int
    + 8 * product.is_active::int AS has,
uuid_send(product.category_id) AS category,
uuid_send(product.seller_id) AS seller,
CASE WHEN product.tags <> '{}' THEN to_json(product.tags)::text END AS tags;

-- name: variant_columns
uuid_send(product.id) AS product,
uuid_send(variant.id) AS variant,
whole.currency,
CASE WHEN own.item_id IS NULL
    THEN packed_figures(whole.current_price, whole.min_price, whole.max_price, whole.cost_price, product.weight)
    ELSE packed_figures(own.current_price, own.min_price, own.max_price, own.cost_price, product.weight)
END AS figures,
CASE WHEN own.item_id IS NULL
    THEN (whole.max_price IS NOT NULL)::int + 2 * (whole.cost_price IS NOT NULL)::int
    ELSE (own.max_price IS NOT NULL)::int + 2 * (own.cost_price IS NOT NULL)::int
END + 4 * (product.weight IS NOT NULL)::int + 8 * product.is_active::int AS has,
uuid_send(product.category_id) AS category,
uuid_send(product.seller_id) AS seller,
CASE WHEN product.tags <> '{}' THEN to_json(product.tags)::text END AS tags;

-- name: products
SELECT :product_columns
FROM products AS product
LEFT JOIN product_prices AS price ON price.item_id = product.id;

-- name: changed_products
SELECT :product_columns
FROM unnest($1::text[], $2::text[]) AS ended (began, after)
JOIN products AS product ON product.changed_in >= ended.began::xid8 AND product.changed_in < ended.after::xid8
LEFT JOIN product_prices AS price ON price.item_id = product.id;

-- name: variants
SELECT :variant_columns
FROM product_variants AS variant
JOIN products AS product ON product.id = variant.product_id
JOIN product_prices AS whole ON whole.item_id = product.id
LEFT JOIN product_prices AS own ON own.item_id = variant.id AND own.currency = whole.currency
WHERE variant.place IS NOT NULL;

-- name: changed_variants
SELECT :variant_columns
FROM unnest($1::text[], $2::text[]) AS ended (began, after)
JOIN products AS product ON product.changed_in >= ended.began::xid8 AND product.changed_in < ended.after::xid8
JOIN product_variants AS variant ON variant.product_id = product.id
JOIN product_prices AS whole ON whole.item_id = product.id
LEFT JOIN product_prices AS own ON own.item_id = variant.id AND own.currency = whole.currency
WHERE variant.place IS NOT NULL;

-- name: _read_parents
SELECT id::text, parent_id::text FROM categories;

-- name: categories_changed
SELECT EXISTS (
    SELECT FROM unnest($1::text[], $2::text[]) AS ended (began, after)
    JOIN categories AS category ON category.changed_in >= ended.began::xid8 AND category.changed_in < ended.after::xid8
) OR EXISTS (
    SELECT FROM unnest($1::text[], $2::text[]) AS ended (began, after)
    JOIN removed_categories AS category
        ON category.changed_in >= ended.began::xid8 AND category.changed_in < ended.after::xid8
);

-- name: seller_regions
SELECT id::text, region FROM sellers WHERE region IS NOT NULL;

-- name: changed_seller_regions
SELECT DISTINCT changed.seller_id::text, seller.region
FROM unnest($1::text[], $2::text[]) AS ended (began, after)
JOIN seller_region_changes AS changed ON changed.changed_in >= ended.began::xid8 AND changed.changed_in < ended.after::xid8
LEFT JOIN sellers AS seller ON seller.id = changed.seller_id;

-- name: customers
-- Those that prices can ask for; whoever is not active is a customer like any stranger.
SELECT uuid_send(id) AS customer, tier, to_json(segments)::text AS segments FROM customers
WHERE is_active AND (tier IS NOT NULL OR segments <> '{}');

-- name: changed_customers
SELECT
    uuid_send(customer.id) AS customer,
    CASE WHEN customer.is_active THEN customer.tier END AS tier,
    CASE WHEN customer.is_active THEN to_json(customer.segments)::text ELSE '[]' END AS segments
FROM unnest($1::text[], $2::text[]) AS ended (began, after)
JOIN customers AS customer ON customer.changed_in >= ended.began::xid8 AND customer.changed_in < ended.after::xid8;

-- name: stock
-- What can be sold of each item that has stock.
SELECT uuid_send(item_id) AS item, quantity - reserved AS units FROM inventory WHERE version > 0;

-- name: changed_stock
SELECT DISTINCT uuid_send(stock.item_id) AS item, stock.quantity - stock.reserved AS units
FROM unnest($1::text[], $2::text[]) AS ended (began, after)
CROSS JOIN LATERAL (
    SELECT item_id FROM inventory_movements
    WHERE changed_in >= ended.began::xid8 AND changed_in < ended.after::xid8
    UNION ALL
    SELECT item_id FROM inventory WHERE begun_in >= ended.began::xid8 AND begun_in < ended.after::xid8
) AS moved
JOIN inventory AS stock ON stock.item_id = moved.item_id
WHERE stock.version > 0;

-- name: demand
SELECT uuid_send(product_id) AS product, sum(quantity)::bigint AS units
FROM accepted_quote_lines
WHERE accepted_at >= to_timestamp($1::bigint / 1000000) - make_interval(hours => $2)
    AND accepted_at < to_timestamp($1::bigint / 1000000)
GROUP BY product_id;
