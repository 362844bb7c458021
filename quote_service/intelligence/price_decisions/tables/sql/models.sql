-- name: insert_model
INSERT INTO price_models (
    id, created_at, learned_from, learned_until, products, rows, champion, trials, uses_behaviour, seconds, learned_with
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: read_model
SELECT id, created_at, learned_from, learned_until, products, rows, champion, trials::text AS trials, uses_behaviour, seconds,
    learned_with::text AS learned_with, id = (SELECT id FROM price_models ORDER BY created_at DESC, id DESC LIMIT 1) AS is_newest
FROM price_models WHERE id = $1;

-- name: models
SELECT id, created_at, learned_from, learned_until, products, rows, champion, trials::text AS trials, uses_behaviour, seconds,
    learned_with::text AS learned_with, id = (SELECT id FROM price_models ORDER BY created_at DESC, id DESC LIMIT 1) AS is_newest
FROM price_models;

-- name: newest_model
SELECT id, created_at, champion, uses_behaviour,
    extract(epoch FROM statement_timestamp() - created_at)::float8 AS age_seconds
FROM price_models ORDER BY created_at DESC, id DESC LIMIT 1;

-- name: learned
SELECT product_id, currency, reference_minor, units_a_day, elasticity::text AS elasticity,
    second_opinions::text AS second_opinions, behaviour::text AS behaviour
FROM price_model_products WHERE model_id = $1 AND product_id = ANY ($2::uuid[]);

-- name: page_of_products
SELECT product_id, currency, reference_minor, units_a_day, is_identified, elasticity::text AS elasticity,
    second_opinions::text AS second_opinions, behaviour::text AS behaviour
FROM price_model_products
WHERE model_id = $1 AND ($2::uuid IS NULL OR (product_id, currency) > ($2, $3)) AND ($4::uuid IS NULL OR product_id = $4)
    AND ($5::boolean IS NULL OR is_identified = $5)
ORDER BY product_id, currency LIMIT $6;

-- name: forget_models
-- All but the newest, and those that decisions name.
DELETE FROM price_models WHERE id IN (
    SELECT id FROM price_models AS m
    WHERE NOT EXISTS (SELECT 1 FROM price_decisions AS d WHERE d.model_id = m.id AND d.state IN ('held', 'suggested'))
    ORDER BY created_at DESC, id DESC OFFSET $1
);
