-- name: lock_fold
SELECT pg_advisory_xact_lock(hashtextextended('analytics fold of ' || $1, 0));
-- name: set_zone
UPDATE analytics_state SET time_zone = $1;
-- name: note_forgotten
-- Before any of it goes: who reads in between is refused rather than told a part. Once a month, and not while the row is held by
-- whoever makes periods again.
UPDATE analytics_state AS held SET hours_since = bound.hours, days_since = bound.days
FROM (
    SELECT greatest(hours_since, date_trunc('month', transaction_timestamp() - make_interval(days => $1), time_zone)) AS hours,
        greatest(days_since, date_trunc('month', transaction_timestamp() - make_interval(days => $2), time_zone)) AS days
    FROM analytics_state WHERE time_zone IS NOT NULL
) AS bound
WHERE held.hours_since IS DISTINCT FROM bound.hours OR held.days_since IS DISTINCT FROM bound.days;
-- name: kept_since
SELECT hours_since AS hours, days_since AS days FROM analytics_state;
-- name: quarters_since
SELECT quote_quarters_since AS quotes, order_quarters_since AS orders FROM analytics_state;
-- name: note_orders_have_quarters
UPDATE analytics_state SET order_quarters_since = NULL;
-- name: forget
-- By month, so that a month has all of its hours or none.
DELETE FROM analytics_rollups WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM analytics_rollups
    WHERE cube = ANY ($1::text[]) AND grain = $2 AND period < date_trunc(
        'month', transaction_timestamp() - make_interval(days => $3), (SELECT time_zone FROM analytics_state))
    LIMIT $4
));
-- name: forget_quarters
DELETE FROM analytics_rollups WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM analytics_rollups
    WHERE cube = ANY ($1::text[]) AND period < date_trunc(
        'month', transaction_timestamp() - make_interval(days => $2), (SELECT time_zone FROM analytics_state))
    LIMIT $3
));
-- name: remove_hours_from
DELETE FROM analytics_rollups WHERE grain = 'hour' AND period >= $1;
-- name: first_to_make_again
-- The beginning of time where no day is older than the first hour; otherwise that of the first month with all its hours.
SELECT CASE
    WHEN hours.first IS NULL THEN NULL
    WHEN days.first >= hours.first - interval '1 day' THEN '-infinity'
    WHEN date_trunc('month', hours.first, $2) = hours.first THEN hours.first
    ELSE date_trunc('month', (hours.first AT TIME ZONE $2 + interval '1 month') AT TIME ZONE $2, $2)
END
FROM (
    SELECT min(each.hour) AS first
    FROM unnest($1::text[]) AS every (cube) CROSS JOIN LATERAL (
        SELECT min(period) AS hour FROM analytics_rollups WHERE cube = every.cube AND grain = 'hour') AS each
) AS hours, (
    SELECT min(each.day) AS first
    FROM unnest($1::text[]) AS every (cube) CROSS JOIN LATERAL (
        SELECT min(period) AS day FROM analytics_rollups WHERE cube = every.cube AND grain = 'day') AS each
) AS days;
-- name: remove_from
DELETE FROM analytics_rollups WHERE grain <> 'hour' AND period >= $1;
