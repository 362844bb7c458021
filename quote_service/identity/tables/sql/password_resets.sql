-- name: give_reset
INSERT INTO password_resets (user_id, token_hash, expires_at) VALUES ($1, $2, $3)
ON CONFLICT (user_id) DO UPDATE SET token_hash = $2, expires_at = $3;

-- name: find_reset
SELECT user_id FROM password_resets WHERE token_hash = $1 AND expires_at > $2;

-- name: take_reset
DELETE FROM password_resets WHERE token_hash = $1 AND expires_at > $2 RETURNING user_id;

-- name: forget_reset
DELETE FROM password_resets WHERE user_id = $1;

-- name: forget_expired_resets
WITH gone AS (
    DELETE FROM password_resets
    WHERE user_id IN (SELECT user_id FROM password_resets WHERE expires_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)
    RETURNING 1
)
SELECT count(*) FROM gone;
