-- name: start_family
INSERT INTO refresh_families (id, user_id, started_at) VALUES ($1, $2, $3);

-- name: add_token
INSERT INTO refresh_tokens (token_hash, family_id, expires_at) VALUES ($1, $2, $3);

-- name: lock_token
SELECT family.id AS family_id, family.user_id, family.ended_at, token.expires_at, token.used_at
FROM refresh_tokens AS token
JOIN refresh_families AS family ON family.id = token.family_id
WHERE token.token_hash = $1
FOR UPDATE;

-- name: use_token
UPDATE refresh_tokens SET used_at = $2 WHERE token_hash = $1;

-- name: end_family
UPDATE refresh_families SET ended_at = $3, end_reason = $2 WHERE id = $1 AND ended_at IS NULL RETURNING id;

-- name: end_families_of
UPDATE refresh_families SET ended_at = $3, end_reason = $2 WHERE user_id = $1 AND ended_at IS NULL;

-- name: forget_expired_families
WITH gone AS (
    DELETE FROM refresh_families
    WHERE id IN (
        SELECT family.id FROM refresh_families AS family
        WHERE NOT EXISTS (
            SELECT FROM refresh_tokens AS token WHERE token.family_id = family.id AND token.expires_at > $1
        )
        LIMIT $2
        FOR UPDATE SKIP LOCKED
    )
    RETURNING 1
)
SELECT count(*) FROM gone;
