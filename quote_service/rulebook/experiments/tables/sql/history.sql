-- name: note_history
-- Of those that run, and once more of those that ended since. Metrics by how much they matter: what a guardrail names, then what most
-- customers have. One statement sees arms and figures as they were counted together.
WITH noted AS (
    SELECT e.id, f.guardrails
    FROM experiments AS e
    JOIN feature_flags AS f ON f.id = e.flag_id
    WHERE e.ended_at IS NULL
       OR e.ended_at > now() - interval '2 days' AND NOT EXISTS (
           SELECT FROM experiment_history AS h WHERE h.experiment_id = e.id AND h.grain = 'day' AND h.noted_at >= e.ended_at
       )
),
known AS (
    SELECT n.id AS experiment_id, k.metric, sum(k.events) AS customers
    FROM noted AS n
    JOIN experiment_figures AS k ON k.experiment_id = n.id
    GROUP BY n.id, k.metric
),
metrics AS (
    SELECT
        k.experiment_id, k.metric,
        row_number() OVER (
            PARTITION BY k.experiment_id
            ORDER BY EXISTS (
                SELECT FROM json_array_elements(coalesce(n.guardrails, '[]')) AS g WHERE g ->> 'metric' = k.metric
            ) DESC, k.customers DESC, k.metric
        ) AS place
    FROM known AS k
    JOIN noted AS n ON n.id = k.experiment_id
)
INSERT INTO experiment_history AS held (
    experiment_id, grain, metric, period, arm, noted_at, exposures,
    events, totals, squares_of_totals, means, squares_of_means
)
SELECT
    m.experiment_id, grain, m.metric,
    CASE grain WHEN 'day' THEN date_trunc('day', now(), 'UTC') ELSE date_bin('15 minutes', now(), 'epoch') END, a.arm, now(), a.exposures,
    coalesce(k.events, 0), coalesce(k.totals, 0), coalesce(k.squares_of_totals, 0),
    coalesce(k.means, 0), coalesce(k.squares_of_means, 0)
FROM metrics AS m
JOIN experiment_arms AS a ON a.experiment_id = m.experiment_id
LEFT JOIN experiment_figures AS k ON (k.experiment_id, k.arm, k.metric) = (m.experiment_id, a.arm, m.metric)
CROSS JOIN unnest(ARRAY['hour', 'day']) AS grain
WHERE m.place <= $1
ON CONFLICT (experiment_id, grain, metric, period, arm) DO UPDATE SET
    noted_at = excluded.noted_at,
    exposures = excluded.exposures,
    events = excluded.events,
    totals = excluded.totals,
    squares_of_totals = excluded.squares_of_totals,
    means = excluded.means,
    squares_of_means = excluded.squares_of_means;

-- name: history_of
-- The last note within each hour or day of a zone; an hour that comes twice is two.
WITH notes AS (
    SELECT *
    FROM experiment_history
    WHERE experiment_id = $1 AND metric = $3 AND ($2 = 'day' OR grain = 'hour' AND period >= now() - make_interval(days => $5))
),
last AS (
    SELECT max(noted_at) AS noted_at
    FROM notes
    GROUP BY
        date_trunc($2, noted_at AT TIME ZONE $4),
        CASE $2 WHEN 'hour' THEN (noted_at AT TIME ZONE $4) - (noted_at AT TIME ZONE 'UTC') END
)
SELECT DISTINCT ON (noted_at, arm)
    noted_at, arm, exposures, events, totals, squares_of_totals, means, squares_of_means
FROM notes
JOIN last USING (noted_at)
ORDER BY noted_at, arm;

-- name: forget_history
WITH old AS (
    SELECT ctid FROM experiment_history
    WHERE period < now() - make_interval(days => $1) AND grain IN ('hour', 'day')
    LIMIT $2
)
DELETE FROM experiment_history WHERE ctid IN (SELECT ctid FROM old);
