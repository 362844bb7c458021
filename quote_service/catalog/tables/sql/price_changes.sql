-- name: price_bounds
SELECT current_price::text, min_price::text, max_price::text FROM product_prices WHERE item_id = $1 AND currency = $2;

-- name: product_bounds
-- What a variant takes over in a currency in which it has nothing of its own.
SELECT m.current_price::text, m.min_price::text, m.max_price::text
FROM product_prices AS m JOIN product_variants AS v ON v.product_id = m.item_id
WHERE v.id = $1 AND v.place IS NOT NULL AND m.currency = $2;

-- name: is_variant_of
SELECT EXISTS (SELECT 1 FROM product_variants WHERE id = $2 AND product_id = $1 AND place IS NOT NULL);

-- name: move_price
UPDATE product_prices SET
    current_price = $3,
    own = CASE WHEN variant_id IS NULL OR 'current_price' = ANY (own) THEN own ELSE own || 'current_price'::text END
WHERE item_id = $1 AND currency = $2;

-- name: give_variant_a_price
INSERT INTO product_prices (
    product_id, variant_id, currency, base_price, current_price, min_price, cost_price, max_price, own
)
SELECT m.product_id, v.id, m.currency, m.base_price, $3, m.min_price, m.cost_price, m.max_price, '{current_price}'
FROM product_prices AS m JOIN product_variants AS v ON v.product_id = m.item_id
WHERE v.id = $1 AND m.currency = $2;

-- name: insert_change
INSERT INTO price_changes (
    id, product_id, variant_id, currency, price, effective_at, reason_note, status, applied_price, decided_at, created_by,
    created_at
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);

-- name: change
SELECT id, product_id, variant_id, currency, price::text, effective_at, reason_note, status, applied_price::text,
    decided_at, version, created_by, created_at
FROM price_changes WHERE id = $1 AND product_id = $2;

-- name: lock_change
SELECT id FROM price_changes WHERE id = $1 FOR UPDATE;

-- name: decide_change
UPDATE price_changes SET status = $2, applied_price = $3, decided_at = clock_timestamp(), version = version + 1
WHERE id = $1;

-- name: page_of_changes
SELECT id, product_id, variant_id, currency, price::text, effective_at, reason_note, status, applied_price::text,
    decided_at, version, created_by, created_at
FROM price_changes
WHERE product_id = $1 AND ($2::text IS NULL OR status = $2) AND ($3::uuid IS NULL OR id < $3)
ORDER BY id DESC
LIMIT $4;

-- name: next_due_change
-- The earliest that nobody has in hand, of each price only the first: changes of one price are done in their order.
SELECT id, product_id, variant_id, currency, price::text, effective_at, reason_note, status, applied_price::text,
    decided_at, version, created_by, created_at
FROM price_changes AS c
WHERE c.status = 'scheduled' AND c.effective_at <= clock_timestamp() AND NOT EXISTS (
    SELECT 1 FROM price_changes AS earlier
    WHERE earlier.status = 'scheduled' AND earlier.item_id = c.item_id AND earlier.currency = c.currency
        AND (earlier.effective_at, earlier.id) < (c.effective_at, c.id)
)
ORDER BY c.effective_at, c.id
LIMIT 1
FOR UPDATE SKIP LOCKED;

-- name: seconds_to_next_change
SELECT extract(epoch FROM min(effective_at) - clock_timestamp())::float8 FROM price_changes WHERE status = 'scheduled';
