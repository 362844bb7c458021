-- name: make_experiments
INSERT INTO experiments (flag_id, version, stage, arms, began_at)
SELECT flag_id, version, stage, arms::json, began_at
FROM unnest($1::uuid[], $2::integer[], $3::integer[], $4::text[], $5::timestamptz[])
    AS given (flag_id, version, stage, arms, began_at)
ORDER BY flag_id, version, stage
ON CONFLICT (flag_id, version, stage) DO NOTHING;

-- name: write_exposures
-- Not of those who have been erased since; who is erased at this moment is left out where it is counted.
INSERT INTO experiment_exposures_waiting (flag_id, version, stage, customer_id, arm, exposed_at)
SELECT flag_id, version, stage, customer_id, arm, exposed_at
FROM unnest($1::uuid[], $2::integer[], $3::integer[], $4::uuid[], $5::text[], $6::timestamptz[])
    AS given (flag_id, version, stage, customer_id, arm, exposed_at)
WHERE NOT EXISTS (SELECT FROM customers AS c WHERE c.id = given.customer_id AND c.erased_at IS NOT NULL);

-- name: write_outcomes
INSERT INTO experiment_outcomes_waiting (customer_id, metric, observations, total, at, due_at)
SELECT customer_id, metric, observations, total, at, now()
FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::numeric[], $5::timestamptz[])
    AS given (customer_id, metric, observations, total, at)
WHERE NOT EXISTS (SELECT FROM customers AS c WHERE c.id = given.customer_id AND c.erased_at IS NOT NULL);
