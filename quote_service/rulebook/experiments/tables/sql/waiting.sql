-- name: make_experiments
INSERT INTO experiments (flag_id, version, stage, arms, began_at)
SELECT flag_id, version, stage, arms::json, began_at
FROM unnest($1::uuid[], $2::integer[], $3::integer[], $4::text[], $5::timestamptz[])
    AS given (flag_id, version, stage, arms, began_at)
ORDER BY flag_id, version, stage
ON CONFLICT (flag_id, version, stage) DO NOTHING;

-- name: write_exposures
-- Not of those who have been erased since; who is erased at this moment is left out where it is counted.
INSERT INTO experiment_exposure_batches (flag_ids, versions, stages, customer_ids, instants_us, codes, size)
SELECT
    $1, $2, $3, array_agg(seen.customer_id), array_agg(seen.instant_us), array_agg(seen.code),
    count(*) * cardinality($1::uuid[])
FROM unnest($4::text::uuid[], $5::text::bigint[], $6::text::text[]) AS seen (customer_id, instant_us, code)
WHERE NOT EXISTS (SELECT FROM customers AS c WHERE c.id = seen.customer_id AND c.erased_at IS NOT NULL)
HAVING count(*) > 0;

-- name: write_outcomes
INSERT INTO experiment_outcome_batches (metric, customer_ids, observations, totals, instants_us, size)
SELECT
    $1, array_agg(seen.customer_id), array_agg(seen.observations), array_agg(seen.total), array_agg(seen.instant_us), count(*)
FROM unnest($2::text::uuid[], $3::text::bigint[], $4::text::numeric[], $5::text::bigint[])
    AS seen (customer_id, observations, total, instant_us)
WHERE NOT EXISTS (SELECT FROM customers AS c WHERE c.id = seen.customer_id AND c.erased_at IS NOT NULL)
HAVING count(*) > 0;
