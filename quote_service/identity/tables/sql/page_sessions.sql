-- name: start_page_session
INSERT INTO page_sessions (token_hash, family_id, expires_at, seen_at) VALUES ($1, $2, $3, $4);

-- name: page_session_user
SELECT family.id AS family_id, family.user_id, session.seen_at
FROM page_sessions AS session
JOIN refresh_families AS family ON family.id = session.family_id
WHERE session.token_hash = $1 AND session.expires_at > $2 AND session.seen_at > $3 AND family.ended_at IS NULL;

-- name: note_page_session
UPDATE page_sessions SET seen_at = $2 WHERE token_hash = $1 AND seen_at < $2;

-- name: page_session_family
SELECT family.id AS family_id, family.user_id, family.begun_by
FROM page_sessions AS session
JOIN refresh_families AS family ON family.id = session.family_id
WHERE session.token_hash = $1
FOR UPDATE OF family;

-- name: forget_page_sessions
WITH gone AS (
    DELETE FROM page_sessions
    WHERE token_hash IN (
        SELECT token_hash FROM page_sessions WHERE expires_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED
    )
    RETURNING 1
)
SELECT count(*) FROM gone;
