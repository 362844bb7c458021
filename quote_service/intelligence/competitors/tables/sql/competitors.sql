-- name: lock_count
-- One at a time, so that the count holds.
SELECT pg_advisory_xact_lock(hashtext('competitors'));

-- name: count_competitors
SELECT count(*) FROM competitors;

-- name: insert_competitor
INSERT INTO competitors (id, name, website, notes, is_active, created_by, created_at, changed_by, updated_at)
VALUES ($competitor_id, $draft.name, $draft.website, $draft.notes, $draft.is_active, $author, $at, $author, $at);

-- name: read_competitor
SELECT id, name, website, notes, is_active, version, created_at, updated_at, created_by, changed_by
FROM competitors WHERE id = $1;

-- name: lock_competitor
SELECT id FROM competitors WHERE id = $1 FOR NO KEY UPDATE;

-- name: competitors
SELECT id, name, website, notes, is_active, version, created_at, updated_at, created_by, changed_by FROM competitors;

-- name: update_competitor
UPDATE competitors SET name = $draft.name, website = $draft.website, notes = $draft.notes, is_active = $draft.is_active,
    changed_by = $author, updated_at = $at,
    version = version + 1
WHERE id = $competitor_id;

-- name: write_skus
INSERT INTO competitor_skus (competitor_id, their_sku, product_id, variant_id, units)
SELECT $1, their_sku, product_id, variant_id, units
FROM jsonb_to_recordset($2::text::jsonb) AS given (their_sku text, product_id uuid, variant_id uuid, units numeric)
ON CONFLICT (competitor_id, their_sku) DO UPDATE SET product_id = excluded.product_id, variant_id = excluded.variant_id,
    units = excluded.units;

-- name: remove_skus
DELETE FROM competitor_skus WHERE competitor_id = $1 AND their_sku = ANY ($2::text[]);

-- name: page_of_skus
SELECT their_sku, product_id, variant_id, units::text FROM competitor_skus
WHERE competitor_id = $1 AND ($2::text IS NULL OR their_sku > $2) ORDER BY their_sku LIMIT $3;

-- name: unknown_items
-- The places of those that are no product of ours, or no variant of it.
SELECT given.place FROM unnest($items.0::uuid[], $items.1::uuid[]) WITH ORDINALITY AS given (product_id, variant_id, place)
LEFT JOIN products AS p ON p.id = given.product_id
LEFT JOIN product_variants AS v ON v.product_id = given.product_id AND v.id = given.variant_id AND v.place IS NOT NULL
WHERE p.id IS NULL OR (given.variant_id IS NOT NULL AND v.id IS NULL)
ORDER BY given.place;
