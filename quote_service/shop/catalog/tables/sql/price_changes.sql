-- name: price_bounds
-- What a variant has not of its own in a currency is its product's.
SELECT a.variant_id IS NULL OR v.id IS NOT NULL AS is_known, p.current_price::text, p.min_price::text, p.max_price::text
FROM unnest($1::uuid[], $2::uuid[], $3::text[]) WITH ORDINALITY AS a (product_id, variant_id, currency, place)
LEFT JOIN product_variants AS v ON v.id = a.variant_id AND v.product_id = a.product_id AND v.place IS NOT NULL
LEFT JOIN product_prices AS own ON own.item_id = coalesce(v.id, a.product_id) AND own.currency = a.currency
LEFT JOIN product_prices AS p ON p.item_id = coalesce(own.item_id, a.product_id) AND p.currency = a.currency
ORDER BY a.place;

-- name: move_prices
SELECT move_current_price(m.item_id, m.currency, m.price, m.source_id)
FROM unnest($1::uuid[], $2::text[], $3::numeric[], $4::text[]) AS m (item_id, currency, price, source_id);

-- name: change
SELECT id, product_id, variant_id, currency, price::text, effective_at, reason_note, status, applied_price::text,
    decided_at, version, created_by, created_at
FROM price_changes WHERE id = $1 AND product_id = $2;

-- name: lock_change
SELECT id FROM price_changes WHERE id = $1 FOR UPDATE;

-- name: decide_change
UPDATE price_changes SET status = $2, applied_price = $3, decided_at = clock_timestamp(), version = version + 1
WHERE id = $1;

-- name: changes
SELECT id, product_id, variant_id, currency, price::text, effective_at, reason_note, status, applied_price::text,
    decided_at, version, created_by, created_at
FROM price_changes;

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

-- name: seconds_overdue
SELECT greatest(extract(epoch FROM statement_timestamp() - min(effective_at)), 0)::float8
FROM price_changes WHERE status = 'scheduled';
