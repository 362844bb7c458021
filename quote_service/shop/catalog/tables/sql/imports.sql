-- name: insert_import
INSERT INTO product_imports (id, media_type, status, actor, actor_kind, request_id, created_at, traceparent)
VALUES ($import_id, $media_type, 'receiving', $change.actor, $change.actor_kind, $change.request_id, $change.at,
    $change.traceparent);

-- name: queue_import
UPDATE product_imports SET status = 'queued', bytes = $2 WHERE id = $1;

-- name: forget_import
DELETE FROM product_imports WHERE id = $1;

-- name: forget_unreceived
DELETE FROM product_imports WHERE status = 'receiving' AND created_at < $1;

-- name: import_record
SELECT id, status, bytes, rows_read, created, changed, unchanged, errors::text, actor AS created_by, created_at, finished_at
FROM product_imports WHERE id = $1 AND status <> 'receiving';

-- name: try_lock_imports
-- One import at a time: two could wait for each other's products. It goes with the transaction, however that ends.
SELECT pg_try_advisory_xact_lock(hashtext('product imports'));

-- name: plan_for_growing_tables
-- Tables grow within the transaction while nobody counts their rows: a plan that reads all of a table that was small at its
-- beginning would read ever more of it.
SELECT set_config('enable_seqscan', 'off', true);

-- name: forget_plans
DISCARD PLANS;

-- name: next_import
SELECT id, media_type, actor, actor_kind, request_id, traceparent FROM product_imports
WHERE status IN ('queued', 'running') ORDER BY id LIMIT 1;

-- name: read_chunk
SELECT data FROM product_import_chunks WHERE import_id = $1 AND place = $2;

-- name: note_progress
UPDATE product_imports SET status = 'running', rows_read = $2 WHERE id = $1;

-- name: finish_import
UPDATE product_imports SET status = 'done', rows_read = $2, created = $3, changed = $4, unchanged = $5,
    finished_at = clock_timestamp()
WHERE id = $1;

-- name: fail_import
UPDATE product_imports SET status = 'failed', rows_read = $2, errors = $3::text::jsonb, finished_at = clock_timestamp()
WHERE id = $1;

-- name: drop_chunks
DELETE FROM product_import_chunks WHERE import_id = $1;

-- name: seconds_waiting
SELECT greatest(extract(epoch FROM statement_timestamp() - min(created_at)), 0)::float8
FROM product_imports WHERE status IN ('queued', 'running');
