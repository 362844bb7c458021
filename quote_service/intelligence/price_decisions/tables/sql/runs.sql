-- name: run_is_due
-- No run is on that somebody is at, and the last one began long enough ago. What lies further ahead than a claim can is from before
-- the clock was set back, and keeps nobody waiting.
SELECT NOT EXISTS (
    SELECT 1 FROM price_decision_runs
    WHERE (
        state = 'running' AND claimed_until > clock_timestamp()
        AND claimed_until <= clock_timestamp() + 2 * make_interval(secs => $2)
    ) OR (
        state = 'finished' AND started_at > clock_timestamp() - make_interval(secs => $1)
        AND started_at <= clock_timestamp() + make_interval(secs => $2)
    )
);

-- name: abandon_runs
UPDATE price_decision_runs SET state = 'abandoned', finished_at = clock_timestamp()
WHERE state = 'running' AND NOT (
    claimed_until > clock_timestamp() AND claimed_until <= clock_timestamp() + 2 * make_interval(secs => $1)
);

-- name: begin_run
INSERT INTO price_decision_runs (id, state, claim, claimed_until, started_at, model_id)
VALUES ($1, 'running', $2, clock_timestamp() + make_interval(secs => $3), clock_timestamp(), $4)
ON CONFLICT DO NOTHING RETURNING id;

-- name: keep_run
-- Inside the transaction of each effect: who has lost the run decides nothing more.
UPDATE price_decision_runs SET claimed_until = clock_timestamp() + make_interval(secs => $3)
WHERE id = $1 AND claim = $2 AND state = 'running' RETURNING id;

-- name: finish_run
UPDATE price_decision_runs SET state = 'finished', finished_at = clock_timestamp(), products = $3, applied = $4,
    suggested = $5, shadowed = $6, held = $7, unchanged = $8, failed = $9, breaker_open = $10
WHERE id = $1 AND claim = $2 AND state = 'running' RETURNING id;

-- name: insert_past_run
INSERT INTO price_decision_runs (
    id, state, claim, claimed_until, started_at, finished_at, model_id, products, applied, suggested, shadowed, held, unchanged,
    failed, breaker_open
)
VALUES ($1, 'finished', $2, $3, $3, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);

-- name: runs
SELECT id, state, started_at, finished_at, model_id, products, applied, suggested, shadowed, held, unchanged, failed, breaker_open
FROM price_decision_runs;

-- name: require_run
SELECT true FROM price_decision_runs WHERE id = $1;

-- name: forget_runs
DELETE FROM price_decision_runs
WHERE started_at < statement_timestamp() - make_interval(days => $1) AND state <> 'running';

-- name: seconds_since_run
SELECT extract(epoch FROM statement_timestamp() - max(started_at))::float8 FROM price_decision_runs WHERE state = 'finished';
