-- name: guarded_experiments
-- The table of flags is small, and an experiment that runs is of its flag's present version or about to end.
SELECT e.id, e.flag_id, e.version, e.stage, e.arms::text, e.began_at, e.ended_at, f.guardrails::text
FROM experiments AS e
JOIN feature_flags AS f ON f.id = e.flag_id AND f.version = e.version
WHERE e.ended_at IS NULL AND f.is_enabled AND NOT f.is_archived AND f.state = 'ACTIVE' AND f.guardrails IS NOT NULL
ORDER BY e.id;

-- name: experiment_of_version
SELECT id, flag_id, version, stage, arms::text, began_at, ended_at, NULL AS guardrails
FROM experiments
WHERE flag_id = $1 AND ($2::integer IS NULL OR version = $2)
ORDER BY version DESC, stage DESC
LIMIT 1;

-- name: exposures_of
SELECT experiment_id, arm, exposures FROM experiment_arms WHERE experiment_id = ANY ($1::bigint[]);

-- name: figures_of
SELECT experiment_id, arm, metric, events, totals, squares_of_totals, means, squares_of_means
FROM experiment_figures
WHERE experiment_id = ANY ($1::bigint[])
ORDER BY experiment_id, metric, arm;
