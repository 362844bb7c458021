-- name: insert_experiment
INSERT INTO price_experiments (
    id, name, note, currency, design, change_bp, metric, days, period_hours, washout_hours, before_days, seed,
    created_by, created_at, changed_by, updated_at
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $13, $14);

-- name: insert_clusters
INSERT INTO price_experiment_clusters (experiment_id, number, name)
SELECT $1, number - 1, name FROM unnest($2::text[]) WITH ORDINALITY AS given (name, number);

-- name: insert_products
INSERT INTO price_experiment_products (experiment_id, product_id, cluster)
SELECT $1, product_id, cluster FROM unnest($2::uuid[], $3::integer[]) AS given (product_id, cluster);

-- name: unknown_products
SELECT given.product_id FROM unnest($1::uuid[]) AS given (product_id)
WHERE NOT EXISTS (
    SELECT 1 FROM product_prices AS p WHERE p.product_id = given.product_id AND p.currency = $2 AND p.variant_id IS NULL
);

-- name: write_draft
UPDATE price_experiments SET name = $2, note = $3, currency = $4, design = $5, change_bp = $6, metric = $7, days = $8,
    period_hours = $9, washout_hours = $10, before_days = $11, changed_by = $12, updated_at = $13, version = version + 1
WHERE id = $1;

-- name: delete_clusters
DELETE FROM price_experiment_clusters WHERE experiment_id = $1;

-- name: delete_experiment
DELETE FROM price_experiments WHERE id = $1;

-- name: lock_experiment
SELECT id FROM price_experiments WHERE id = $1 FOR UPDATE;

-- name: experiment
SELECT * FROM price_experiments WHERE id = $1;

-- name: page_of_experiments
SELECT * FROM price_experiments
WHERE ($1::uuid IS NULL OR id < $1) AND ($2::text IS NULL OR state = $2)
ORDER BY id DESC LIMIT $3;

-- name: clusters
SELECT number, name, pair, is_treated, base_revenue, base_profit, base_units
FROM price_experiment_clusters WHERE experiment_id = $1 ORDER BY number;

-- name: products
SELECT product_id, cluster, exponent, control_minor, treated_minor, cost_minor, set_minor, not_restored
FROM price_experiment_products WHERE experiment_id = $1 ORDER BY cluster, product_id;

-- name: start_experiment
UPDATE price_experiments SET state = 'running', started_at = $2, ends_at = $3, changed_by = $4, updated_at = $2,
    version = version + 1
WHERE id = $1;

-- name: write_arms
UPDATE price_experiment_clusters AS c SET pair = given.pair, is_treated = given.is_treated
FROM unnest($2::integer[], $3::integer[], $4::boolean[]) AS given (number, pair, is_treated)
WHERE c.experiment_id = $1 AND c.number = given.number;

-- name: write_bases
UPDATE price_experiment_clusters AS c
SET base_revenue = given.revenue, base_profit = given.profit, base_units = given.units
FROM unnest($2::integer[], $3::numeric[], $4::numeric[], $5::numeric[]) AS given (number, revenue, profit, units)
WHERE c.experiment_id = $1 AND c.number = given.number;

-- name: write_prices
UPDATE price_experiment_products AS p
SET exponent = given.exponent, control_minor = given.control, treated_minor = given.treated, cost_minor = given.cost,
    set_minor = given.set_minor
FROM unnest($2::uuid[], $3::integer[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])
    AS given (product_id, exponent, control, treated, cost, set_minor)
WHERE p.experiment_id = $1 AND p.product_id = given.product_id;

-- name: note_set
UPDATE price_experiment_products SET set_minor = $3 WHERE experiment_id = $1 AND product_id = $2;

-- name: note_not_restored
UPDATE price_experiment_products SET not_restored = $3 WHERE experiment_id = $1 AND product_id = $2;

-- name: ask_to_end
UPDATE price_experiments SET ends_at = greatest(started_at, least(ends_at, $2)), reason = $3, changed_by = $4, updated_at = $2,
    version = version + 1
WHERE id = $1;

-- name: end_experiment
UPDATE price_experiments SET state = CASE WHEN reason IS NULL THEN 'ended' ELSE 'stopped' END, changed_by = $3, updated_at = $2,
    version = version + 1
WHERE id = $1;

-- name: running
SELECT id FROM price_experiments WHERE state = 'running' ORDER BY id;
