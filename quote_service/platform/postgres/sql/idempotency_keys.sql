-- name: try_lock_key
SELECT pg_try_advisory_xact_lock($1);

-- name: find_answer
SELECT fingerprint, status, headers::text AS headers, body, is_sealed
FROM idempotency_keys
WHERE caller = $1 AND route = $2 AND key = $3 AND expires_at > clock_timestamp();

-- name: try_lock_keys
SELECT pg_try_advisory_xact_lock(lock) FROM unnest($1::bigint[]) WITH ORDINALITY AS given (lock, place) ORDER BY place;

-- name: find_answers
SELECT asked.place, kept.fingerprint, kept.status, kept.headers::text AS headers, kept.body, kept.is_sealed
FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS asked (caller, route, key, place)
    JOIN idempotency_keys AS kept ON kept.caller = asked.caller AND kept.route = asked.route AND kept.key = asked.key
WHERE kept.expires_at > clock_timestamp();

-- name: answers_of_caller
SELECT route, key, fingerprint, status, headers::text AS headers, body, is_sealed
FROM idempotency_keys
WHERE caller = $1 AND expires_at > clock_timestamp();

-- name: keep_answers
INSERT INTO idempotency_keys (caller, route, key, fingerprint, status, headers, body, is_sealed, customer_id, expires_at)
SELECT caller, route, key, fingerprint, status, headers::json, body, is_sealed, customer_id,
    clock_timestamp() + interval '24 hours'
FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::bytea[], $5::smallint[], $6::text[], $7::bytea[], $8::boolean[], $9::uuid[]
) AS given (caller, route, key, fingerprint, status, headers, body, is_sealed, customer_id)
ON CONFLICT (caller, route, key) DO UPDATE SET
    fingerprint = excluded.fingerprint,
    status = excluded.status,
    headers = excluded.headers,
    body = excluded.body,
    is_sealed = excluded.is_sealed,
    customer_id = excluded.customer_id,
    created_at = clock_timestamp(),
    expires_at = excluded.expires_at;

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
