-- name: lock_count
SELECT pg_advisory_xact_lock(hashtext('competitor sources'));

-- name: count_sources
SELECT count(*) FROM competitor_sources;

-- name: insert_source
INSERT INTO competitor_sources (
    id, competitor_id, name, kind, settings, currency, interval_seconds, stale_after_seconds, is_enabled, disabled_reason,
    lane, due_at, created_by, created_at, changed_by, updated_at, country
)
VALUES ($1, $2, $3, $4, $5::text::json, $6, $7, $8, $9, CASE WHEN NOT $9 THEN 'by_hand' END, $10,
    CASE WHEN $9 AND $10::text IS NOT NULL THEN statement_timestamp() END, $11, $12, $11, $12, $13);

-- name: update_source
-- What it is fetched with has changed perhaps: it is due at once, and nothing is taken as unchanged.
UPDATE competitor_sources SET name = $2, settings = $3::text::json, currency = $4, interval_seconds = $5,
    stale_after_seconds = $6, is_enabled = $7, disabled_reason = CASE WHEN NOT $7 THEN 'by_hand' END, lane = $8,
    due_at = CASE WHEN $7 AND $8::text IS NOT NULL THEN statement_timestamp() END,
    etag = NULL, last_modified = NULL, failures = 0, next_batch = 0, changed_by = $9, updated_at = $10, version = version + 1,
    country = $11
WHERE id = $1;

-- name: write_credentials
UPDATE competitor_sources SET credentials = $2, credentials_key_id = $3 WHERE id = $1;

-- name: remove_source
DELETE FROM competitor_sources WHERE id = $1;

-- name: lock_source
SELECT id FROM competitor_sources WHERE id = $1 FOR NO KEY UPDATE;

-- name: read_source
SELECT shown.*, s.country FROM competitor_sources_shown AS shown JOIN competitor_sources AS s USING (id) WHERE id = $1;

-- name: sources
SELECT shown.*, s.country FROM competitor_sources_shown AS shown JOIN competitor_sources AS s USING (id);

-- name: ask_now
UPDATE competitor_sources SET due_at = statement_timestamp() WHERE id = $1 AND lane IS NOT NULL AND is_enabled;

-- name: insert_upload
INSERT INTO competitor_uploads (source_id, id, content_type, body, received_at)
VALUES ($1, $2, $3, $4, statement_timestamp())
ON CONFLICT (source_id) DO UPDATE SET id = excluded.id, content_type = excluded.content_type, body = excluded.body,
    received_at = excluded.received_at, claimed_until = '-infinity';

-- name: claim_upload
-- For longer than reading it may take; after that it is anybody's again.
UPDATE competitor_uploads SET claimed_until = statement_timestamp() + make_interval(secs => $1::float8)
WHERE source_id = (
    SELECT source_id FROM competitor_uploads WHERE claimed_until < statement_timestamp()
    ORDER BY received_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING source_id, id, content_type, body, received_at;

-- name: remove_upload
DELETE FROM competitor_uploads WHERE source_id = $upload.source_id AND id = $upload.id;

-- name: insert_fetch
INSERT INTO competitor_fetches (id, source_id, at, outcome, detail, url, status, seconds, bytes, sha256, offers, batches)
VALUES ($fetch.id, $fetch.source_id, $fetch.at, $fetch.outcome, $fetch.detail, $fetch.url, $fetch.status, $fetch.seconds,
    $fetch.size, $fetch.sha256, $fetch.offers, $fetch.batches::text::json);

-- name: note_fetch
-- `disabled` is why it has to be disabled, if it has. One that was changed meanwhile keeps what it was given then.
UPDATE competitor_sources SET last_fetch_at = $fetch.at, last_outcome = $fetch.outcome, last_detail = $fetch.detail,
    last_ok_at = CASE WHEN $fetch.is_confirming THEN greatest(last_ok_at, $fetch.at) ELSE last_ok_at END,
    failures = CASE WHEN $fetch.is_confirming THEN 0 ELSE failures + 1 END,
    etag = CASE WHEN $fetch.version::integer IS NULL OR version = $fetch.version THEN $fetch.etag END,
    last_modified = CASE WHEN $fetch.version::integer IS NULL OR version = $fetch.version THEN $fetch.last_modified END,
    next_batch = CASE WHEN version = $fetch.version THEN $fetch.next_batch ELSE 0 END,
    is_enabled = is_enabled AND ($fetch.disabled::text IS NULL OR version IS DISTINCT FROM $fetch.version),
    disabled_reason = CASE WHEN is_enabled AND $fetch.disabled::text IS NOT NULL
        AND version = $fetch.version THEN $fetch.disabled ELSE disabled_reason END,
    due_at = CASE
        WHEN NOT is_enabled OR lane IS NULL OR ($fetch.disabled::text IS NOT NULL AND version = $fetch.version) THEN NULL
        WHEN $fetch.version::integer IS NULL OR version <> $fetch.version THEN due_at
        ELSE statement_timestamp() + make_interval(secs => $fetch.next_seconds::float8)
    END
WHERE id = $fetch.source_id;

-- name: fetches
SELECT id, source_id, at, outcome, detail, url, status, seconds, bytes, encode(sha256, 'hex') AS sha256, offers, batches::text AS batches
FROM competitor_fetches;

-- name: sealed_otherwise
SELECT id, credentials, credentials_key_id AS key_id FROM competitor_sources
WHERE credentials IS NOT NULL AND credentials_key_id <> $1 FOR NO KEY UPDATE SKIP LOCKED LIMIT 100;

-- name: count_by_outcome
SELECT coalesce(last_outcome, 'never') AS outcome, count(*) AS sources FROM competitor_sources
WHERE is_enabled GROUP BY 1;

-- name: count_stale
SELECT count(*) FROM competitor_sources
WHERE is_enabled
    AND coalesce(last_ok_at, created_at) < statement_timestamp() - make_interval(secs => stale_after_seconds);

-- name: forget_fetches
DELETE FROM competitor_fetches WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM competitor_fetches WHERE at < statement_timestamp() - make_interval(days => $1) LIMIT $2
));
