-- name: try_lock_key
SELECT pg_try_advisory_xact_lock($1);

-- name: find_answer
SELECT fingerprint, status, headers::text AS headers, body, is_sealed
FROM idempotency_keys
WHERE caller = $1 AND route = $2 AND key = $3 AND expires_at > clock_timestamp();

-- name: keep_answer
INSERT INTO idempotency_keys (caller, route, key, fingerprint, status, headers, body, is_sealed, customer_id, expires_at)
VALUES ($1, $2, $3, $4, $5, $6::text::json, $7, $8, $9, clock_timestamp() + interval '24 hours')
ON CONFLICT (caller, route, key) DO UPDATE SET
    fingerprint = excluded.fingerprint,
    status = excluded.status,
    headers = excluded.headers,
    body = excluded.body,
    is_sealed = excluded.is_sealed,
    customer_id = excluded.customer_id,
    created_at = clock_timestamp(),
    expires_at = excluded.expires_at;

-- name: blank_answers
-- The key stays taken until it expires, by a request that nobody can send: a late repeat must not do it all again.
UPDATE idempotency_keys
SET fingerprint = decode(repeat('00', 32), 'hex'), headers = '{}', body = '', is_sealed = false, customer_id = NULL
WHERE customer_id = $1;

-- name: forget_expired_answers
WITH gone AS (
    DELETE FROM idempotency_keys
    WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM idempotency_keys WHERE expires_at <= clock_timestamp() LIMIT $1 FOR UPDATE SKIP LOCKED
    ))
    RETURNING 1
)
SELECT count(*) FROM gone;
