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
