-- name: take_turn
SELECT pg_try_advisory_xact_lock(hashtextextended('experiments are counted', 0));

-- name: wait_for_turn
SELECT pg_advisory_xact_lock(hashtextextended('experiments are counted', 0));

-- name: count_exposures
-- The oldest batches, until they have so many. Rows by themselves are of a release before batches.
WITH taken_rows AS (
    DELETE FROM experiment_exposures_waiting
    WHERE id IN (SELECT id FROM experiment_exposures_waiting ORDER BY id LIMIT $1)
    RETURNING flag_id, version, stage, customer_id, arm, exposed_at
),
taken_batches AS (
    DELETE FROM experiment_exposure_batches
    WHERE id IN (
        SELECT id
        FROM (
            SELECT id, sum(size) OVER (ORDER BY id) - size AS size_before
            FROM (SELECT id, size FROM experiment_exposure_batches ORDER BY id LIMIT $1) AS oldest
        ) AS summed
        WHERE size_before < $1
    )
    RETURNING flag_ids, versions, stages, customer_ids, instants_us, codes, size
),
taken AS (
    SELECT e.id AS experiment_id, t.customer_id, t.arm, t.exposed_at
    FROM taken_rows AS t
    JOIN experiments AS e USING (flag_id, version, stage)
    UNION ALL
    SELECT
        e.id, seen.customer_id, e.arms -> split_part(seen.code, '.', flag.place::integer)::integer ->> 0,
        timestamptz 'epoch' + seen.instant_us * interval '1 microsecond'
    FROM taken_batches AS b
    CROSS JOIN unnest(b.flag_ids, b.versions, b.stages) WITH ORDINALITY AS flag (id, version, stage, place)
    JOIN experiments AS e ON (e.flag_id, e.version, e.stage) = (flag.id, flag.version, flag.stage)
    CROSS JOIN unnest(b.customer_ids, b.instants_us, b.codes) AS seen (customer_id, instant_us, code)
    WHERE split_part(seen.code, '.', flag.place::integer) <> ''
),
fresh AS (
    INSERT INTO experiment_exposures (experiment_id, customer_id, arm, exposed_at)
    SELECT DISTINCT ON (t.experiment_id, t.customer_id) t.experiment_id, t.customer_id, t.arm, t.exposed_at
    FROM taken AS t
    WHERE NOT EXISTS (SELECT FROM customers AS c WHERE c.id = t.customer_id AND c.erased_at IS NOT NULL)
    ORDER BY t.experiment_id, t.customer_id, t.exposed_at
    ON CONFLICT (experiment_id, customer_id) DO NOTHING
    RETURNING experiment_id, arm
),
counted AS (
    INSERT INTO experiment_arms AS held (experiment_id, arm, exposures)
    SELECT experiment_id, arm, count(*) FROM fresh GROUP BY experiment_id, arm
    ON CONFLICT (experiment_id, arm) DO UPDATE SET exposures = held.exposures + excluded.exposures
)
SELECT (SELECT count(*) FROM taken_rows) + (SELECT coalesce(sum(size), 0) FROM taken_batches);

-- name: due_outcomes
SELECT id FROM experiment_outcomes_waiting WHERE due_at <= now() ORDER BY id LIMIT $1;

-- name: due_outcome_batches
SELECT id, size
FROM (
    SELECT id, size, sum(size) OVER (ORDER BY id) - size AS size_before
    FROM (SELECT id, size FROM experiment_outcome_batches ORDER BY id LIMIT $1) AS oldest
) AS summed
WHERE size_before < $1
ORDER BY id;

-- name: count_outcomes
-- Of experiments that have not ended, where the customer had been exposed by then. Nobody else changes outcomes or figures meanwhile, so what
-- is held now is what is added to.
WITH taken_rows AS (
    DELETE FROM experiment_outcomes_waiting
    WHERE id = ANY ($1::bigint[])
    RETURNING customer_id, metric, observations, total, at
),
taken_batches AS (
    DELETE FROM experiment_outcome_batches
    WHERE id = ANY ($2::bigint[])
    RETURNING metric, customer_ids, observations, totals, instants_us
),
taken AS (
    SELECT * FROM taken_rows
    UNION ALL
    SELECT
        seen.customer_id, b.metric, seen.observations, seen.total,
        timestamptz 'epoch' + seen.instant_us * interval '1 microsecond'
    FROM taken_batches AS b
    CROSS JOIN unnest(b.customer_ids, b.observations, b.totals, b.instants_us)
        AS seen (customer_id, observations, total, instant_us)
),
incoming AS (
    SELECT
        x.experiment_id, x.customer_id, x.arm, t.metric,
        sum(t.observations)::bigint AS observations,
        sum(t.total) AS total
    FROM taken AS t
    JOIN experiment_exposures AS x ON x.customer_id = t.customer_id AND x.exposed_at <= t.at
    JOIN experiments AS e ON e.id = x.experiment_id AND e.ended_at IS NULL
    GROUP BY x.experiment_id, x.customer_id, x.arm, t.metric
),
moved AS (
    SELECT
        i.experiment_id, i.customer_id, i.arm, i.metric,
        h.customer_id IS NULL AS is_first,
        coalesce(h.total, 0) AS total_before,
        coalesce(h.total, 0) + i.total AS total,
        coalesce(h.observations, 0) + i.observations AS observations,
        coalesce(round(h.total / h.observations), 0) AS mean_before,
        round((coalesce(h.total, 0) + i.total) / (coalesce(h.observations, 0) + i.observations)) AS mean
    FROM incoming AS i
    LEFT JOIN experiment_outcomes AS h USING (experiment_id, customer_id, metric)
),
written AS (
    INSERT INTO experiment_outcomes (experiment_id, customer_id, metric, observations, total)
    SELECT experiment_id, customer_id, metric, observations, total FROM moved
    ON CONFLICT (experiment_id, customer_id, metric)
    DO UPDATE SET observations = excluded.observations, total = excluded.total
),
counted AS (
    INSERT INTO experiment_figures AS held (
        experiment_id, arm, metric, events, totals, squares_of_totals, means, squares_of_means
    )
    SELECT
        experiment_id, arm, metric,
        count(*) FILTER (WHERE is_first),
        sum(total - total_before),
        sum(total * total - total_before * total_before),
        sum(mean - mean_before),
        sum(mean * mean - mean_before * mean_before)
    FROM moved
    GROUP BY experiment_id, arm, metric
    ON CONFLICT (experiment_id, arm, metric) DO UPDATE SET
        events = held.events + excluded.events,
        totals = held.totals + excluded.totals,
        squares_of_totals = held.squares_of_totals + excluded.squares_of_totals,
        means = held.means + excluded.means,
        squares_of_means = held.squares_of_means + excluded.squares_of_means
)
SELECT count(*) FROM taken;

-- name: end_experiments
-- Of versions that are no more, of flags that are off, and of stages that another has followed.
UPDATE experiments AS e
SET ended_at = now()
WHERE e.ended_at IS NULL AND (
    NOT EXISTS (
        SELECT FROM feature_flags AS f
        WHERE f.id = e.flag_id AND f.version = e.version AND f.is_enabled AND NOT f.is_archived AND f.state = 'ACTIVE'
    )
    OR EXISTS (
        SELECT FROM experiments AS later
        WHERE later.flag_id = e.flag_id AND later.version = e.version AND later.stage > e.stage
    )
);

-- name: forget_customers
-- What is left of an experiment are its sums. What was reported twice comes soon after, or not at all.
WITH old AS (
    SELECT id FROM experiments
    WHERE ended_at < now() - make_interval(days => $1)
      AND EXISTS (SELECT FROM experiment_exposures WHERE experiment_id = experiments.id)
    LIMIT 1
),
outcomes AS (
    DELETE FROM experiment_outcomes
    WHERE (experiment_id, customer_id) IN (
        SELECT experiment_id, customer_id FROM experiment_exposures WHERE experiment_id IN (SELECT id FROM old)
        ORDER BY customer_id LIMIT $2
    )
),
exposures AS (
    DELETE FROM experiment_exposures
    WHERE (experiment_id, customer_id) IN (
        SELECT experiment_id, customer_id FROM experiment_exposures WHERE experiment_id IN (SELECT id FROM old)
        ORDER BY customer_id LIMIT $2
    )
    RETURNING 1
),
reports AS (
    DELETE FROM experiment_metric_reports
    WHERE (reported_by, id) IN (
        SELECT reported_by, id FROM experiment_metric_reports WHERE received_at < now() - interval '7 days' LIMIT $2
    )
    RETURNING 1
)
SELECT greatest((SELECT count(*) FROM exposures), (SELECT count(*) FROM reports));
