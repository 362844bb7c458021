-- name: lock_count
-- One at a time, so that the count of replays holds.
SELECT pg_advisory_xact_lock(hashtext('replays'));

-- name: count_open
SELECT count(*) FROM replays WHERE status IN ('queued', 'running');

-- name: insert_replay
INSERT INTO replays (
    id, status, range_from, range_to, sample, change, change_set_id, actor, actor_kind, request_id, created_at, warnings
) VALUES ($1, 'queued', $2, $3, $4, $5::text::json, $6, $7, $8, $9, $10, $11::text::json);

-- name: read_replay
SELECT id, status, range_from, range_to, sample, change_set_id, warnings::text, quotes, quotes_done, error_code, error_detail,
    actor AS created_by, created_at, started_at, finished_at
FROM replays WHERE id = $1;

-- name: replays
SELECT id, status, range_from, range_to, sample, change_set_id, warnings::text, quotes, quotes_done, error_code, error_detail,
    actor AS created_by, created_at, started_at, finished_at
FROM replays;

-- name: change_and_result
SELECT change::text, result::text FROM replays WHERE id = $1;

-- name: cancel
UPDATE replays SET status = 'cancelled', finished_at = clock_timestamp(), lease = NULL, lease_until = NULL, tally = NULL
WHERE id = $1 AND status IN ('queued', 'running')
RETURNING true;

-- name: is_one_waiting
-- Whether there is one to work on: nobody's yet, or of a process that has not been heard of.
SELECT EXISTS (
    SELECT FROM replays WHERE status = 'queued' OR (status = 'running' AND lease_until < clock_timestamp())
);

-- name: take_replay
-- What an earlier release took from the first instant that there is stands without end: it would end whoever takes it.
UPDATE replays SET status = 'running', lease = $1, lease_until = clock_timestamp() + make_interval(secs => $2),
    attempts = attempts + 1, started_at = coalesce(started_at, clock_timestamp())
WHERE id = (
    SELECT id FROM replays
    WHERE (status = 'queued' OR (status = 'running' AND lease_until < clock_timestamp()))
        AND isfinite(range_from) AND isfinite(range_to)
    ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING id, epoch_us(range_from) AS from_us, epoch_us(range_to) AS to_us, sample, change::text AS change, attempts,
    quotes, quotes_done, position_at, position_id, tally, traceparent;

-- name: keep_lease
UPDATE replays SET lease_until = clock_timestamp() + make_interval(secs => $3) WHERE id = $1 AND lease = $2
RETURNING true;

-- name: note_quotes
UPDATE replays SET quotes = $3 WHERE id = $1 AND lease = $2;

-- name: note_progress
-- Whoever came further was not ended by what it stood before: those that follow begin to be counted again.
UPDATE replays SET attempts = 1, quotes_done = $3, position_at = $4, position_id = $5, tally = $6,
    lease_until = clock_timestamp() + make_interval(secs => $7)
WHERE id = $1 AND lease = $2
RETURNING true;

-- name: give_up_lease
UPDATE replays SET lease_until = clock_timestamp() - interval '1 second' WHERE lease = $1;

-- name: finish_replay
UPDATE replays SET status = 'done', finished_at = clock_timestamp(), result = $3::text::json, quotes_done = $4, lease = NULL,
    lease_until = NULL, tally = NULL
WHERE id = $1 AND lease = $2
RETURNING true;

-- name: fail_replay
UPDATE replays SET status = 'failed', finished_at = clock_timestamp(), error_code = $failure.code,
    error_detail = $failure.detail, lease = NULL,
    lease_until = NULL, tally = NULL
WHERE id = $replay_id AND lease = $lease;

-- name: forget_replays
DELETE FROM replays WHERE finished_at < clock_timestamp() - make_interval(hours => $1);

-- name: seconds_waiting
SELECT greatest(extract(epoch FROM statement_timestamp() - min(created_at)), 0)::float8
FROM replays WHERE status = 'queued';
