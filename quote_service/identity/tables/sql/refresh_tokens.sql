-- name: start_family
INSERT INTO refresh_families (id, user_id, started_at, begun_by, device) VALUES ($1, $2, $3, $4, $5);

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
UPDATE refresh_families SET ended_at = $3, end_reason = $2, device = NULL WHERE id = $1 AND ended_at IS NULL RETURNING true;

-- name: end_families_of
UPDATE refresh_families SET ended_at = $3, end_reason = $2, device = NULL WHERE user_id = $1 AND ended_at IS NULL;

-- name: end_family_of
UPDATE refresh_families SET ended_at = $4, end_reason = $3, device = NULL WHERE id = $1 AND user_id = $2
    AND ended_at IS NULL RETURNING true;

-- name: proof_of_session
-- Held, so that a session that is being ended is not used for what outlives it.
SELECT coalesce(proven_at, started_at) FROM refresh_families WHERE id = $1 AND user_id = $2 AND ended_at IS NULL FOR UPDATE;

-- name: note_proof
UPDATE refresh_families SET proven_at = $3 WHERE id = $1 AND user_id = $2 AND ended_at IS NULL RETURNING true;

-- name: page_of_sessions
SELECT family.id, family.started_at, family.begun_by, family.device, page.token_hash IS NOT NULL AS is_in_pages,
    greatest(family.started_at, page.seen_at, token.used_at) AS last_used_at, coalesce(page.expires_at, token.expires_at) AS expires_at
FROM refresh_families AS family
LEFT JOIN page_sessions AS page ON page.family_id = family.id
CROSS JOIN LATERAL (
    SELECT max(used_at) AS used_at, max(expires_at) AS expires_at FROM refresh_tokens WHERE family_id = family.id
) AS token
WHERE family.user_id = $1 AND family.ended_at IS NULL AND coalesce(page.expires_at, token.expires_at) > $2
  AND (page.seen_at IS NULL OR page.seen_at > $3)
  AND ($4::uuid IS NULL OR family.id < $4)
ORDER BY family.id DESC
LIMIT $5;

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
