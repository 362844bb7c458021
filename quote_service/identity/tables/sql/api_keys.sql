-- name: insert_key
INSERT INTO api_keys (
    id, name, prefix, key_hash, scopes, requests_per_second, burst, expires_at, created_at, updated_at
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
RETURNING id, name, prefix, scopes, requests_per_second, burst, expires_at, last_used_at, revoked_at, created_at, updated_at,
    version;

-- name: key_by_id
SELECT id, name, prefix, scopes, requests_per_second, burst, expires_at, last_used_at, revoked_at, created_at, updated_at,
    version
FROM api_keys WHERE id = $1;

-- name: key_by_prefix
SELECT id, name, prefix, scopes, requests_per_second, burst, expires_at, last_used_at, revoked_at, created_at, updated_at,
    version
FROM api_keys WHERE prefix = $1;

-- name: key_by_hash
SELECT id, name, prefix, scopes, requests_per_second, burst, expires_at, last_used_at, revoked_at, created_at, updated_at,
    version
FROM api_keys WHERE key_hash = $1;

-- name: lock_key
SELECT id, name, prefix, scopes, requests_per_second, burst, expires_at, last_used_at, revoked_at, created_at, updated_at,
    version
FROM api_keys WHERE id = $1 FOR UPDATE;

-- name: update_key
UPDATE api_keys
SET name = $2, scopes = $3, requests_per_second = $4, burst = $5, expires_at = $6, revoked_at = $7, updated_at = $8,
    version = version + 1
WHERE id = $1
RETURNING id, name, prefix, scopes, requests_per_second, burst, expires_at, last_used_at, revoked_at, created_at, updated_at,
    version;

-- name: keys
SELECT id, name, prefix, scopes, requests_per_second, burst, expires_at, last_used_at, revoked_at, created_at, updated_at,
    version
FROM api_keys;

-- name: note_uses
UPDATE api_keys SET last_used_at = greatest(last_used_at, $2) WHERE id = ANY ($1::uuid[]);

-- name: access_version
SELECT version FROM access_state;

-- name: active_keys
SELECT id, prefix, key_hash, scopes, requests_per_second, burst, expires_at
FROM api_keys
WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp());

-- name: recent_generations
SELECT id, generation FROM users WHERE generation > 1 AND generation_at > clock_timestamp() - interval '31 days';
