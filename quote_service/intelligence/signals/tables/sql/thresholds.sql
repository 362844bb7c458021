-- name: lock_count
-- One at a time, so that the count holds.
SELECT pg_advisory_xact_lock(hashtext('signal_thresholds'));

-- name: count_thresholds
SELECT count(*) FROM signal_thresholds;

-- name: is_taken
SELECT EXISTS (
    SELECT FROM signal_thresholds
    WHERE kind = $1 AND product_id IS NOT DISTINCT FROM $2 AND category_id IS NOT DISTINCT FROM $3
);

-- name: insert_threshold
INSERT INTO signal_thresholds (
    id, kind, product_id, category_id, is_enabled, threshold, count, window_seconds, rearm_percent, expires_seconds, created_by,
    created_at, changed_by, updated_at
) VALUES ($1, $2, $3, $4, $5, $6::text::numeric, $7, $8, $9::text::numeric, $10, $11, $12, $11, $12);

-- name: update_threshold
UPDATE signal_thresholds SET is_enabled = $rule.is_enabled, threshold = $rule.threshold::text::numeric, count = $rule.count,
    window_seconds = $rule.window_seconds,
    rearm_percent = $rule.rearm_percent::text::numeric, expires_seconds = $rule.expires_seconds, changed_by = $author,
        updated_at = $at, version = version + 1
WHERE id = $threshold_id;

-- name: read_threshold
SELECT id, kind, product_id, category_id, is_enabled, threshold::text AS threshold, count, window_seconds,
    rearm_percent::text AS rearm_percent, expires_seconds, version, created_by, created_at, changed_by, updated_at
FROM signal_thresholds WHERE id = $1;

-- name: lock_threshold
SELECT id FROM signal_thresholds WHERE id = $1 FOR UPDATE;

-- name: remove_threshold
DELETE FROM signal_thresholds WHERE id = $1;

-- name: thresholds
SELECT id, kind, product_id, category_id, is_enabled, threshold::text AS threshold, count, window_seconds,
    rearm_percent::text AS rearm_percent, expires_seconds, version, created_by, created_at, changed_by, updated_at
FROM signal_thresholds;

-- name: thresholds_for
-- Those that may count for products: their own, those of categories, and those of everything.
SELECT id, kind, product_id, category_id, is_enabled, threshold::text AS threshold, count, window_seconds,
    rearm_percent::text AS rearm_percent, expires_seconds, version, created_by, created_at, changed_by, updated_at
FROM signal_thresholds WHERE product_id IS NULL OR product_id = ANY ($1::uuid[]);

-- name: paths_of_products
-- The category of each product and those above it, the nearest first.
WITH RECURSIVE way AS (
    SELECT p.id AS product_id, c.id, c.parent_id, 1 AS level
    FROM products AS p JOIN categories AS c ON c.id = p.category_id WHERE p.id = ANY ($1::uuid[])
    UNION ALL
    SELECT way.product_id, c.id, c.parent_id, way.level + 1
    FROM categories AS c JOIN way ON c.id = way.parent_id WHERE way.level < 20
)
SELECT product_id, array_agg(id ORDER BY level) AS path FROM way GROUP BY product_id;

-- name: path_of_category
-- A category and those above it, the nearest first.
WITH RECURSIVE way AS (
    SELECT id, parent_id, 1 AS level FROM categories WHERE id = $1
    UNION ALL
    SELECT c.id, c.parent_id, way.level + 1 FROM categories AS c JOIN way ON c.id = way.parent_id WHERE way.level < 20
)
SELECT array_agg(id ORDER BY level) FROM way;

-- name: is_known
SELECT $1::uuid IS NULL OR EXISTS (SELECT FROM products WHERE id = $1) AS has_product,
    $2::uuid IS NULL OR EXISTS (SELECT FROM categories WHERE id = $2) AS has_category;

-- name: longest_window
SELECT coalesce(max(window_seconds), 0) FROM signal_thresholds WHERE kind = 'demand_surge' AND is_enabled;
