-- name: policy
SELECT id, product_id, category_id, currency, mode, floor_price::text, floor_bp, ceiling_price::text,
    minimum_advertised::text AS minimum_advertised_price, cost::text, lowest_margin_bp, highest_margin_bp, step_bp, day_bp,
    cumulative_bp, above_competitors_bp, below_competitors_bp, competitor_seconds, price_every::text,
    price_endings::text[] AS price_endings, keep_lowest_30_days, breaker_move_bp, breaker_share_bp, family,
    family_units::text AS family_units, version, created_at,
    updated_at, created_by, changed_by
FROM price_policies WHERE id = $1;

-- name: lock_policy
SELECT id FROM price_policies WHERE id = $1 FOR UPDATE;

-- name: policy_of_scope
SELECT id FROM price_policies
WHERE product_id IS NOT DISTINCT FROM $1 AND category_id IS NOT DISTINCT FROM $2 AND currency = $3;

-- name: policies
SELECT id, product_id, category_id, currency, mode, floor_price::text, floor_bp, ceiling_price::text,
    minimum_advertised::text AS minimum_advertised_price, cost::text, lowest_margin_bp, highest_margin_bp, step_bp, day_bp,
    cumulative_bp, above_competitors_bp, below_competitors_bp, competitor_seconds, price_every::text,
    price_endings::text[] AS price_endings, keep_lowest_30_days, breaker_move_bp, breaker_share_bp, family,
    family_units::text AS family_units, version, created_at,
    updated_at, created_by, changed_by
FROM price_policies;

-- name: insert_policy
INSERT INTO price_policies (
    id, product_id, category_id, currency, created_by, created_at, changed_by, updated_at, mode, floor_price, floor_bp,
    ceiling_price, minimum_advertised, cost, lowest_margin_bp, highest_margin_bp, step_bp, day_bp, cumulative_bp,
    above_competitors_bp, below_competitors_bp, competitor_seconds, price_every, price_endings, keep_lowest_30_days,
    breaker_move_bp, breaker_share_bp, family, family_units
)
VALUES (
    $1, $2, $3, $4, $5, $6, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25,
    $26, $27
)
ON CONFLICT ON CONSTRAINT price_policies_scope DO NOTHING RETURNING id;

-- name: update_policy
UPDATE price_policies SET
    changed_by = $2, updated_at = $3, version = version + 1, mode = $4, floor_price = $5, floor_bp = $6, ceiling_price = $7,
    minimum_advertised = $8, cost = $9, lowest_margin_bp = $10, highest_margin_bp = $11, step_bp = $12, day_bp = $13,
    cumulative_bp = $14, above_competitors_bp = $15, below_competitors_bp = $16, competitor_seconds = $17, price_every = $18,
    price_endings = $19, keep_lowest_30_days = $20, breaker_move_bp = $21, breaker_share_bp = $22,
    family = $23, family_units = $24
WHERE id = $1;

-- name: compare_units_later
SET CONSTRAINTS price_policies_family_units DEFERRED;

-- name: compare_units_now
SET CONSTRAINTS price_policies_family_units IMMEDIATE;

-- name: delete_policy
DELETE FROM price_policies WHERE id = $1;

-- name: promote_products
-- Whoever writes a policy says again what may happen by itself to all that it covers.
UPDATE price_decision_products AS s SET demoted_at = NULL
FROM products AS p
WHERE p.id = s.product_id AND s.demoted_at IS NOT NULL AND s.currency = $3
    AND ($1::uuid IS NULL OR s.product_id = $1)
    AND ($2::uuid IS NULL OR p.category_id IN (
        WITH RECURSIVE below (id) AS (
            SELECT $2::uuid UNION ALL SELECT c.id FROM categories AS c JOIN below ON c.parent_id = below.id
        )
        SELECT id FROM below
    ));

-- name: unknown_scopes
-- The places of products and categories that are not there.
SELECT given.place FROM unnest($drafts.product_id::uuid[], $drafts.category_id::uuid[]) WITH ORDINALITY AS given (product_id,
    category_id, place)
LEFT JOIN products AS p ON p.id = given.product_id
LEFT JOIN categories AS c ON c.id = given.category_id
WHERE (given.product_id IS NOT NULL AND p.id IS NULL) OR (given.category_id IS NOT NULL AND c.id IS NULL)
ORDER BY given.place;
