-- name: flushed_until
-- Of the oldest flushes that come to at least so many rows, or of all there are.
SELECT coalesce(
    (SELECT flushed_at FROM analytics_quote_minutes ORDER BY flushed_at OFFSET $1 LIMIT 1),
    (SELECT max(flushed_at) FROM analytics_quote_minutes)
);
-- name: unfolded
SELECT * FROM analytics_quotes_unfolded WHERE flushed_at <= $2;
-- name: take_unfolded
DELETE FROM analytics_quote_minutes WHERE flushed_at <= $2;
-- name: add_minutes
-- Nothing where this flush, or a later one of the process, has been written.
WITH fresh AS (
    INSERT INTO analytics_sources (id, flush, flushed_at) VALUES ($1, $2, statement_timestamp())
    ON CONFLICT (id) DO UPDATE SET flush = excluded.flush, flushed_at = excluded.flushed_at
        WHERE analytics_sources.flush < excluded.flush
    RETURNING flush
)
INSERT INTO analytics_quote_minutes (minute, these_columns)
SELECT $3, these_columns FROM jsonb_populate_recordset(NULL::analytics_quote_minutes, $4::text::jsonb)
WHERE EXISTS (SELECT FROM fresh);
-- name: forget_sources
DELETE FROM analytics_sources WHERE flushed_at < statement_timestamp() - interval '1 day';
