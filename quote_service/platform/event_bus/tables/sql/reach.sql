-- name: note_reach
INSERT INTO event_bus_reach (is_away, since, checked_at, detail)
VALUES ($1::text IS NOT NULL, statement_timestamp(), statement_timestamp(), $1)
ON CONFLICT (one) DO UPDATE SET is_away = excluded.is_away, checked_at = excluded.checked_at, detail = excluded.detail,
    since = CASE WHEN event_bus_reach.is_away = excluded.is_away THEN event_bus_reach.since ELSE excluded.since END;

-- name: reach
SELECT is_away, since, checked_at, detail, checked_at < statement_timestamp() - make_interval(secs => $1) AS is_old
FROM event_bus_reach;
