-- name: hold_mark
-- How far a subject is, held until the transaction ends: what is late is decided for one batch of it after the other.
INSERT INTO market_window_marks (engine, subject, updated_at) VALUES ($1, $2, statement_timestamp())
ON CONFLICT (engine, subject) DO UPDATE SET updated_at = excluded.updated_at
RETURNING newest_at;

-- name: move_mark
UPDATE market_window_marks SET newest_at = greatest(newest_at, $3), counted = counted + $4, late = late + $5, ahead = ahead + $6
WHERE engine = $1 AND subject = $2;

-- name: note_batch
-- Of a stream: the figures of each of its batches once. A stream that begins again numbers its batches again.
INSERT INTO market_window_marks (engine, subject, stream, batch, counted, late, ahead, unreadable, updated_at)
VALUES ('spark', $1, $2, $3, $4, $5, $6, $7, statement_timestamp())
ON CONFLICT (engine, subject) DO UPDATE SET stream = excluded.stream, batch = excluded.batch,
    counted = market_window_marks.counted + excluded.counted, late = market_window_marks.late + excluded.late,
    ahead = market_window_marks.ahead + excluded.ahead, unreadable = market_window_marks.unreadable + excluded.unreadable,
    updated_at = excluded.updated_at
WHERE market_window_marks.stream <> excluded.stream OR market_window_marks.batch < excluded.batch;

-- name: move_newest
INSERT INTO market_window_marks (engine, subject, newest_at, updated_at) VALUES ($1, $2, $3, statement_timestamp())
ON CONFLICT (engine, subject) DO UPDATE SET newest_at = greatest(market_window_marks.newest_at, excluded.newest_at),
    updated_at = excluded.updated_at;

-- name: marks
SELECT subject, newest_at, counted, late, ahead, unreadable, updated_at,
    extract(epoch FROM statement_timestamp() - newest_at)::float8 AS age_seconds
FROM market_window_marks WHERE engine = $1;
