-- name: write_experiment
INSERT INTO price_experiments (
    id, name, note, currency, design, change_bp, metric, days, period_hours, washout_hours, before_days, seed,
    created_by, created_at, changed_by, updated_at
) VALUES ($experiment_id, $draft.name, $draft.note, $draft.currency, $draft.design, $draft.change_bp, $draft.metric, $draft.days,
    $draft.period_hours, $draft.washout_hours, $draft.before_days, $seed, $change.actor, $change.at, $change.actor, $change.at);

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

-- name: write_terms
UPDATE price_experiments SET name = $draft.name, note = $draft.note, currency = $draft.currency, design = $draft.design,
    change_bp = $draft.change_bp, metric = $draft.metric, days = $draft.days,
    period_hours = $draft.period_hours, washout_hours = $draft.washout_hours, before_days = $draft.before_days,
        changed_by = $change.actor, updated_at = $change.at, version = version + 1
WHERE id = $experiment_id;

-- name: delete_clusters
DELETE FROM price_experiment_clusters WHERE experiment_id = $1;

-- name: delete_experiment
DELETE FROM price_experiments WHERE id = $1;

-- name: lock_experiment
SELECT id FROM price_experiments WHERE id = $1 FOR UPDATE;

-- name: experiment
SELECT * FROM price_experiments WHERE id = $1;

-- name: experiments
SELECT * FROM price_experiments;

-- name: clusters
SELECT number, name, pair, is_treated, base_revenue, base_profit, base_units
FROM price_experiment_clusters WHERE experiment_id = $1 ORDER BY number;

-- name: products
SELECT product_id, cluster, exponent, control_minor, treated_minor, cost_minor, set_minor, not_restored
FROM price_experiment_products WHERE experiment_id = $1 ORDER BY cluster, product_id;

-- name: write_start
UPDATE price_experiments SET state = 'running', started_at = $change.at, ends_at = $ends_at, changed_by = $change.actor,
    updated_at = $change.at,
    version = version + 1
WHERE id = $running.id;

-- name: write_arms
UPDATE price_experiment_clusters AS c SET pair = given.pair, is_treated = given.is_treated
FROM unnest($running.clusters.number::integer[], $running.clusters.pair::integer[],
    $running.clusters.is_treated::boolean[]) AS given (number, pair, is_treated)
WHERE c.experiment_id = $running.id AND c.number = given.number;

-- name: write_bases
UPDATE price_experiment_clusters AS c
SET base_revenue = given.revenue, base_profit = given.profit, base_units = given.units
FROM unnest($bases.revenue::numeric[], $bases.profit::numeric[], $bases.units::numeric[]) WITH ORDINALITY
    AS given (revenue, profit, units, number)
WHERE c.experiment_id = $experiment_id AND c.number = given.number - 1;

-- name: write_prices
UPDATE price_experiment_products AS p
SET exponent = given.exponent, control_minor = given.control, treated_minor = given.treated, cost_minor = given.cost,
    set_minor = given.set_minor
FROM unnest($products.product_id::uuid[], $products.exponent::integer[], $products.control_minor::bigint[],
    $products.treated_minor::bigint[], $products.cost_minor::bigint[], $products.set_minor::bigint[])
    AS given (product_id, exponent, control, treated, cost, set_minor)
WHERE p.experiment_id = $experiment_id AND p.product_id = given.product_id;

-- name: note_set
UPDATE price_experiment_products SET set_minor = $3 WHERE experiment_id = $1 AND product_id = $2;

-- name: note_not_restored
UPDATE price_experiment_products SET not_restored = $3 WHERE experiment_id = $1 AND product_id = $2;

-- name: ask_to_end
UPDATE price_experiments SET ends_at = greatest(started_at, least(ends_at, $change.at)), reason = $reason,
    changed_by = $change.actor, updated_at = $change.at,
    version = version + 1
WHERE id = $experiment_id;

-- name: end_experiment
UPDATE price_experiments SET state = CASE WHEN reason IS NULL THEN 'ended' ELSE 'stopped' END, changed_by = $change.actor,
    updated_at = $change.at,
    version = version + 1
WHERE id = $experiment_id;

-- name: running_experiments
SELECT id FROM price_experiments WHERE state = 'running' ORDER BY id;
