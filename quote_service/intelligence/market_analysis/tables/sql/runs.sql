-- name: lock_runs
SELECT pg_advisory_xact_lock(hashtext('market runs'));

-- name: give_up_dead
UPDATE market_runs SET status = 'lost', finished_at = clock_timestamp(), detail = 'its process ended'
WHERE status = 'running' AND lease_until < clock_timestamp();

-- name: running
SELECT id FROM market_runs WHERE status = 'running';

-- name: begin
INSERT INTO market_runs (id, scope, engine, status, started_at, lease_until, day)
VALUES ($1, $2, $3, 'running', clock_timestamp(), clock_timestamp() + make_interval(secs => $4), $5);

-- name: keep_run
UPDATE market_runs SET lease_until = clock_timestamp() + make_interval(secs => $2)
WHERE id = $1 AND status = 'running' RETURNING true;

-- name: hold_run
-- Within the transaction that writes: nobody takes the run away meanwhile.
UPDATE market_runs SET products = products + $2, written = written + $3 WHERE id = $1 AND status = 'running' RETURNING true;

-- name: end
UPDATE market_runs SET status = $2, finished_at = clock_timestamp(), detail = $3
WHERE id = $1 AND status = 'running';

-- name: newest_runs
SELECT id, scope, engine, status, started_at, finished_at, day, products, written, detail
FROM market_runs ORDER BY started_at DESC LIMIT $1;

-- name: last_runs
WITH seen AS (
    SELECT started_at, scope, day,
        CASE WHEN status = 'running' AND lease_until < clock_timestamp() THEN 'lost' ELSE status END AS status
    FROM market_runs
), tried AS (
    SELECT max(started_at) AS at FROM seen WHERE status <> 'lost'
)
SELECT (SELECT max(started_at) FROM seen WHERE status = 'done') AS started_at,
    (SELECT max(day) FROM seen WHERE status = 'done' AND scope <> 'changed') AS all_day, tried.at AS tried_at,
    (SELECT max(started_at) FROM seen WHERE status = 'lost') AS lost_at,
    (SELECT count(*) FROM seen WHERE status = 'lost' AND (tried.at IS NULL OR started_at > tried.at)) AS lost,
    EXISTS (SELECT FROM seen WHERE status = 'running') AS is_running
FROM tried;

-- name: forget
DELETE FROM market_runs WHERE finished_at < clock_timestamp() - interval '30 days';
