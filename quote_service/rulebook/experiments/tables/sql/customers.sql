-- name: has_exposures
SELECT EXISTS (SELECT FROM experiment_exposures WHERE customer_id = $1);

-- name: page_of_exposures
SELECT
    f.key AS flag, e.version, e.stage, x.arm, x.exposed_at,
    coalesce((
        SELECT json_object_agg(o.metric, json_build_object(
            'observations', o.observations, 'total', trim_scale(o.total / 1000000)) ORDER BY o.metric
        )
        FROM experiment_outcomes AS o
        WHERE o.experiment_id = x.experiment_id AND o.customer_id = x.customer_id
    ), '{}')::text AS outcomes,
    x.experiment_id
FROM experiment_exposures AS x
JOIN experiments AS e ON e.id = x.experiment_id
JOIN feature_flags AS f ON f.id = e.flag_id
WHERE x.customer_id = $1 AND x.experiment_id > $2
ORDER BY x.experiment_id
LIMIT $3;

-- name: forget_waiting_exposures
DELETE FROM experiment_exposures_waiting WHERE customer_id = $1;

-- name: forget_exposures_of_batches
UPDATE experiment_exposure_batches
SET (customer_ids, instants_us, codes) = (
    SELECT coalesce(array_agg(customer_id), '{}'), coalesce(array_agg(instant_us), '{}'), coalesce(array_agg(code), '{}')
    FROM unnest(customer_ids, instants_us, codes) AS seen (customer_id, instant_us, code)
    WHERE customer_id <> $1
)
WHERE customer_ids @> ARRAY[$1::uuid];

-- name: forget_outcomes_of_batches
UPDATE experiment_outcome_batches
SET (customer_ids, observations, totals, instants_us) = (
    SELECT
        coalesce(array_agg(customer_id), '{}'), coalesce(array_agg(seen.observations), '{}'),
        coalesce(array_agg(total), '{}'), coalesce(array_agg(instant_us), '{}')
    FROM unnest(customer_ids, observations, totals, instants_us) AS seen (customer_id, observations, total, instant_us)
    WHERE customer_id <> $1
)
WHERE customer_ids @> ARRAY[$1::uuid];

-- name: forget_waiting_outcomes
DELETE FROM experiment_outcomes_waiting WHERE customer_id = $1;

-- name: forget_outcomes
DELETE FROM experiment_outcomes WHERE customer_id = $1;

-- name: forget_exposures
DELETE FROM experiment_exposures WHERE customer_id = $1;
