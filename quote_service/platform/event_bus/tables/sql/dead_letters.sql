-- name: put_aside
-- The same event again, as when its acknowledgement was lost, is put aside once.
INSERT INTO event_dead_letters (
    consumer_group, topic, event_id, key, type, at, data, state, last_error, due_at, traceparent
)
VALUES (
    $1, $2, $3, $4, $5, $6, $7::json, CASE WHEN $9 THEN 'dead' ELSE 'retrying' END, left($8, 2000),
    CASE WHEN NOT $9 THEN statement_timestamp() + make_interval(secs => $10::float8) END, $11
)
ON CONFLICT ON CONSTRAINT event_dead_letters_once DO NOTHING;

-- name: put_aside_raw
INSERT INTO event_dead_letters (consumer_group, topic, event_id, raw, state, last_error)
VALUES ($1, $2, $3, $4, 'dead', left($5, 2000))
ON CONFLICT ON CONSTRAINT event_dead_letters_once DO NOTHING;

-- name: take_due
SELECT id, consumer_group, topic, event_id, key, type, at, data::text AS data, attempts, traceparent
FROM event_dead_letters WHERE due_at <= statement_timestamp() AND consumer_group = ANY ($1::text[])
ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED;

-- name: note_failed
UPDATE event_dead_letters SET attempts = attempts + 1, last_error = left($2, 2000), last_failed_at = statement_timestamp(),
    state = CASE WHEN $3 THEN 'dead' ELSE 'retrying' END,
    due_at = CASE WHEN NOT $3 THEN statement_timestamp() + make_interval(secs => $4::float8) END
WHERE id = $1;

-- name: take_out
DELETE FROM event_dead_letters WHERE id = $1;

-- name: take_out_handled
DELETE FROM event_dead_letters WHERE consumer_group = $1 AND event_id = ANY ($2::uuid[]);

-- name: read_dead_letter
SELECT id, consumer_group, topic, event_id, key, type, at, data::text AS data, raw, state, attempts, last_error,
    due_at AS next_attempt_at, failed_at, last_failed_at
FROM event_dead_letters WHERE id = $1;

-- name: hold_dead_letter
SELECT id FROM event_dead_letters WHERE id = $1 FOR UPDATE;

-- name: dead_letters
SELECT id, consumer_group, topic, event_id, key, type, at, data::text AS data, raw, state, attempts, last_error,
    due_at AS next_attempt_at, failed_at, last_failed_at
FROM event_dead_letters;

-- name: make_due
UPDATE event_dead_letters SET state = 'retrying', due_at = statement_timestamp() WHERE id = $1 AND data IS NOT NULL;

-- name: publish_again
-- Of what the relay could not publish: back into the outbox, under the same id.
INSERT INTO event_outbox (id, topic, key, type, data, at, traceparent)
SELECT event_id, topic, key, type, data, at, traceparent FROM event_dead_letters WHERE id = $1;

-- name: make_all_due
UPDATE event_dead_letters SET state = 'retrying', due_at = statement_timestamp()
WHERE id IN (
    SELECT id FROM event_dead_letters
    WHERE consumer_group = $1 AND state = 'dead' AND data IS NOT NULL ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED
);

-- name: count_by_group
SELECT consumer_group, state, count(*) AS count FROM event_dead_letters GROUP BY consumer_group, state;

-- name: forget_old
DELETE FROM event_dead_letters WHERE id IN (
    SELECT id FROM event_dead_letters
    WHERE state = 'dead' AND last_failed_at < statement_timestamp() - make_interval(days => $1) LIMIT $2
);
