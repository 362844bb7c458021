-- name: count_attempt
INSERT INTO login_attempts AS known (subject, window_started_at, attempts)
VALUES ($1, $2, 1)
ON CONFLICT (subject) DO UPDATE SET
    attempts = CASE WHEN known.window_started_at <= $2 - $3::interval THEN 1 ELSE known.attempts + 1 END,
    window_started_at = CASE WHEN known.window_started_at <= $2 - $3::interval THEN $2 ELSE known.window_started_at END
RETURNING attempts, window_started_at;

-- name: forgive_attempts
UPDATE login_attempts SET attempts = greatest(0, attempts - coalesce($2, attempts)) WHERE subject = $1;

-- name: forget_old_attempts
WITH gone AS (
    DELETE FROM login_attempts
    WHERE subject IN (
        SELECT subject FROM login_attempts WHERE window_started_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED
    )
    RETURNING 1
)
SELECT count(*) FROM gone;
