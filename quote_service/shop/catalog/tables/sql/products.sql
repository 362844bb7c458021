-- Rows to write come as one JSON list, which is one round trip and one plan for a single product and for a thousand.
-- Triggers keep versions, SKUs, search words and the price history (migrations 0060 and 0061).

-- name: read_products
SELECT
    p.id, p.sku, p.name, p.description, p.category_id, p.seller_id, p.is_active, p.weight::text, p.tags,
    p.attributes::text, p.version, p.created_by, p.created_at, p.changed_by, p.updated_at,
    (
        SELECT json_agg(json_build_object(
            'variant_id', m.variant_id, 'currency', m.currency, 'base_price', m.base_price::text,
            'current_price', m.current_price::text, 'min_price', m.min_price::text, 'cost_price', m.cost_price::text,
            'max_price', m.max_price::text, 'own', m.own
        ) ORDER BY m.currency)
        FROM product_prices AS m WHERE m.product_id = p.id
    )::text AS prices,
    (
        SELECT json_agg(json_build_object('id', v.id, 'sku', v.sku, 'name', v.name, 'attributes', v.attributes::text)
            ORDER BY v.place)
        FROM product_variants AS v WHERE v.product_id = p.id AND v.place IS NOT NULL
    )::text AS variants
FROM products AS p WHERE p.id = ANY ($1::uuid[]);

-- name: lock_products
SELECT id FROM products WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE;

-- name: owners_of_skus
SELECT sku, product_id, variant_id FROM product_skus WHERE sku = ANY ($1::text[]);

-- name: variants_ever
SELECT product_id, sku, id FROM product_variants WHERE product_id = ANY ($1::uuid[]);

-- name: set_change_reason
SELECT
    set_config('quote_service.price_reason', $reason, true), set_config('quote_service.price_source', $source_id, true),
    set_config('quote_service.price_actor', $actor, true), set_config('quote_service.price_note', $note, true);

-- name: insert_products
INSERT INTO products (
    id, sku, name, description, category_id, seller_id, is_active, weight, tags, attributes, created_by, created_at,
    changed_by, updated_at
)
SELECT
    id, sku, name, description, category_id, seller_id, is_active, weight, tags, attributes, $2, $3, $2, clock_timestamp()
FROM
    jsonb_to_recordset($1::text::jsonb) AS incoming (
        id uuid, sku text, name text, description text, category_id uuid, seller_id uuid, is_active boolean,
        weight numeric, tags text[], attributes jsonb
    );

-- name: update_products
UPDATE products AS p SET
    sku = incoming.sku, name = incoming.name, description = incoming.description, category_id = incoming.category_id,
    seller_id = incoming.seller_id, is_active = incoming.is_active, weight = incoming.weight, tags = incoming.tags,
    attributes = incoming.attributes, changed_by = $2
FROM
    jsonb_to_recordset($1::text::jsonb) AS incoming (
        id uuid, sku text, name text, description text, category_id uuid, seller_id uuid, is_active boolean,
        weight numeric, tags text[], attributes jsonb
    )
WHERE p.id = incoming.id;

-- name: remove_variants
UPDATE product_variants AS v SET place = NULL
WHERE v.product_id = ANY ($1::uuid[]) AND v.place IS NOT NULL AND v.id <> ALL ($2::uuid[]);

-- name: write_variants
INSERT INTO product_variants AS v (id, product_id, sku, name, attributes, place)
SELECT id, product_id, sku, name, attributes, place
FROM
    jsonb_to_recordset($1::text::jsonb) AS incoming (
        id uuid, product_id uuid, sku text, name text, attributes jsonb, place integer
    )
ON CONFLICT (id) DO UPDATE SET name = excluded.name, attributes = excluded.attributes, place = excluded.place
WHERE (v.name, v.attributes, v.place) IS DISTINCT FROM (excluded.name, excluded.attributes, excluded.place);

-- name: remove_prices
DELETE FROM product_prices AS m
WHERE m.product_id = ANY ($1::uuid[]) AND NOT EXISTS (
    SELECT 1 FROM unnest($2::uuid[], $3::text[]) AS kept (item_id, currency)
    WHERE kept.item_id = m.item_id AND kept.currency = m.currency
);

-- name: write_prices
INSERT INTO product_prices AS m (
    product_id, variant_id, currency, base_price, current_price, min_price, cost_price, max_price, own
)
SELECT product_id, variant_id, currency, base_price, current_price, min_price, cost_price, max_price, own
FROM
    jsonb_to_recordset($1::text::jsonb) AS incoming (
        product_id uuid, variant_id uuid, currency text, base_price numeric, current_price numeric, min_price numeric,
        cost_price numeric, max_price numeric, own text[]
    )
ON CONFLICT (item_id, currency) DO UPDATE SET
    base_price = excluded.base_price, current_price = excluded.current_price, min_price = excluded.min_price,
    cost_price = excluded.cost_price, max_price = excluded.max_price, own = excluded.own
WHERE (m.base_price, m.current_price, m.min_price, m.cost_price, m.max_price, m.own) IS DISTINCT FROM (
    excluded.base_price, excluded.current_price, excluded.min_price, excluded.cost_price, excluded.max_price, excluded.own
);

-- name: deactivate_product
UPDATE products SET is_active = false, changed_by = $2 WHERE id = $1;

-- name: read_sellers
SELECT id, seller_id FROM products WHERE id = ANY ($1::uuid[]) AND seller_id IS NOT NULL;
