-- name: hold_subject
SELECT pg_advisory_xact_lock(hashtextextended($1 || ' ' || $2, 110));

-- name: find_identity
SELECT user_id FROM identities WHERE issuer = $1 AND subject = $2;

-- name: add_identity
INSERT INTO identities (id, user_id, issuer, subject, created_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING
RETURNING true;

-- name: note_identity
UPDATE identities SET last_used_at = $3 WHERE issuer = $1 AND subject = $2;

-- name: identities_of
SELECT id, issuer, subject, created_at, last_used_at FROM identities WHERE user_id = $1 ORDER BY id;

-- name: remove_identity
DELETE FROM identities WHERE id = $1 AND user_id = $2 RETURNING issuer;

-- name: forget_identities
DELETE FROM identities WHERE user_id = $1;
