-- name: insert_endpoint
INSERT INTO webhook_endpoints (
    id, url, description, event_types, is_enabled, disabled_reason, disabled_at, secret, secret_key_id, created_at, updated_at
) VALUES ($endpoint.id, $endpoint.url, $endpoint.description, $endpoint.event_types, $endpoint.is_enabled,
    $endpoint.disabled_reason, $endpoint.disabled_at, $secret, $key_id, $endpoint.created_at, $endpoint.created_at);

-- name: lock_count
-- One at a time, so that the count of endpoints holds.
SELECT pg_advisory_xact_lock(hashtext('webhook endpoints'));

-- name: count_endpoints
SELECT count(*) FROM webhook_endpoints WHERE deleted_at IS NULL;

-- name: read_endpoint
SELECT id, url, description, event_types, is_enabled, disabled_reason, disabled_at, failing_since,
    CASE WHEN former_secret_until > statement_timestamp() THEN former_secret_until END AS former_secret_until, version,
    created_at, updated_at
FROM webhook_endpoints WHERE id = $1 AND deleted_at IS NULL;

-- name: lock_endpoint
SELECT id FROM webhook_endpoints WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE;

-- name: endpoints
SELECT id, url, description, event_types, is_enabled, disabled_reason, disabled_at, failing_since,
    CASE WHEN former_secret_until > statement_timestamp() THEN former_secret_until END AS former_secret_until, version,
    created_at, updated_at
FROM webhook_endpoints WHERE deleted_at IS NULL;

-- name: update_endpoint
UPDATE webhook_endpoints SET url = $2, description = $3, event_types = $4, is_enabled = $5, disabled_reason = $6,
    disabled_at = $7, failing_since = $8, version = version + 1, updated_at = $9
WHERE id = $1;

-- name: remove_endpoint
-- The row stays until a sweep has removed what it had coming; nothing of the secret does.
UPDATE webhook_endpoints SET deleted_at = $2, secret = '', former_secret = NULL, former_secret_key_id = NULL,
    former_secret_until = NULL, version = version + 1, updated_at = $2
WHERE id = $1;

-- name: write_secret
UPDATE webhook_endpoints SET secret = $2, secret_key_id = $3,
    former_secret = CASE WHEN $4::integer > 0 THEN secret END,
    former_secret_key_id = CASE WHEN $4::integer > 0 THEN secret_key_id END,
    former_secret_until = CASE WHEN $4::integer > 0 THEN $5::timestamptz + make_interval(secs => $4) END,
    version = version + 1, updated_at = $5
WHERE id = $1;

-- name: note_failing
UPDATE webhook_endpoints SET failing_since = statement_timestamp() WHERE id = $1 AND failing_since IS NULL;

-- name: note_working
UPDATE webhook_endpoints SET failing_since = NULL WHERE id = $1 AND failing_since IS NOT NULL;

-- name: has_failed_too_long
SELECT is_enabled AND failing_since < statement_timestamp() - make_interval(days => $2)
FROM webhook_endpoints WHERE id = $1 AND deleted_at IS NULL;

-- name: drop_former_secrets
UPDATE webhook_endpoints SET former_secret = NULL, former_secret_key_id = NULL, former_secret_until = NULL
WHERE former_secret_until <= statement_timestamp();

-- name: sealed_otherwise
SELECT id, secret, secret_key_id, former_secret, former_secret_key_id FROM webhook_endpoints
WHERE deleted_at IS NULL
    AND (secret_key_id <> ALL ($1::text[]) OR coalesce(former_secret_key_id, $1[1]) <> ALL ($1::text[]))
FOR NO KEY UPDATE SKIP LOCKED;

-- name: write_seals
UPDATE webhook_endpoints SET secret = $2, secret_key_id = $3, former_secret = $4, former_secret_key_id = $5 WHERE id = $1;

-- name: remove_deleted
DELETE FROM webhook_endpoints AS endpoint
WHERE deleted_at < statement_timestamp() - interval '1 hour'
    AND NOT EXISTS (SELECT 1 FROM webhook_deliveries WHERE endpoint_id = endpoint.id);

-- name: count_disabled
SELECT disabled_reason, count(*) AS endpoints FROM webhook_endpoints
WHERE deleted_at IS NULL AND NOT is_enabled
GROUP BY disabled_reason;
