-- name: hold_stream
-- To the process that has it, or to another once nothing has been heard of it.
INSERT INTO market_streams (holder, started_at, lease_until, source)
VALUES ($holder, statement_timestamp(), statement_timestamp() + make_interval(secs => $stream_lease_seconds), $source)
ON CONFLICT (is_only) DO UPDATE SET holder = excluded.holder, started_at = excluded.started_at, lease_until = excluded.lease_until,
    source = excluded.source, ended_at = NULL, detail = ''
WHERE market_streams.ended_at IS NOT NULL OR market_streams.lease_until < statement_timestamp()
RETURNING true;

-- name: keep_stream
UPDATE market_streams SET lease_until = statement_timestamp() + make_interval(secs => $2)
WHERE holder = $1 AND ended_at IS NULL RETURNING true;

-- name: leave_stream
UPDATE market_streams SET ended_at = statement_timestamp(), detail = $2 WHERE holder = $1 AND ended_at IS NULL;

-- name: read_stream
SELECT started_at, source, ended_at, detail, ended_at IS NULL AND lease_until >= statement_timestamp() AS is_running
FROM market_streams;
