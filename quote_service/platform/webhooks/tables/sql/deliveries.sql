-- name: insert_test
WITH published AS (
    INSERT INTO webhook_events (id, type, subject, data) VALUES ($1, 'webhook.test', $2::uuid::text, $3::text::json)
)
INSERT INTO webhook_deliveries (endpoint_id, event_id, is_test) VALUES ($2, $1, true);

-- name: claim_due
-- What is due, as far as an endpoint has room: while it fails, one at a time. The claim lasts longer than an attempt may; after
-- it the delivery is due again, whatever has become of who took it.
WITH room AS (
    SELECT endpoint.id, endpoint.is_enabled,
        greatest(CASE WHEN endpoint.failing_since IS NULL THEN $3::integer ELSE 1 END - coalesce(busy.count, 0), 0) AS free
    FROM webhook_endpoints AS endpoint
    LEFT JOIN unnest($1::uuid[], $2::integer[]) AS busy (id, count) ON busy.id = endpoint.id
    WHERE endpoint.deleted_at IS NULL
), due AS (
    SELECT taken.endpoint_id, taken.event_id
    FROM room CROSS JOIN LATERAL (
        SELECT endpoint_id, event_id FROM webhook_deliveries
        WHERE endpoint_id = room.id AND state = 'pending' AND due_at <= statement_timestamp()
            AND (room.is_enabled OR is_test)
        ORDER BY due_at, event_id
        LIMIT room.free
        FOR UPDATE SKIP LOCKED
    ) AS taken
    LIMIT $4
)
UPDATE webhook_deliveries AS delivery SET attempts = delivery.attempts + 1, attempts_in_row = delivery.attempts_in_row + 1,
    due_at = statement_timestamp() + make_interval(secs => $5::float8),
    claimed_until = statement_timestamp() + make_interval(secs => $5::float8)
FROM due
JOIN webhook_endpoints AS endpoint ON endpoint.id = due.endpoint_id
JOIN webhook_events AS event ON event.id = due.event_id
WHERE delivery.endpoint_id = due.endpoint_id AND delivery.event_id = due.event_id
RETURNING delivery.endpoint_id, delivery.event_id, event.type, event.subject, event.data::text AS data, event.told_at, event.traceparent,
    endpoint.url, endpoint.secret, endpoint.secret_key_id,
    CASE WHEN endpoint.former_secret_until > statement_timestamp() THEN endpoint.former_secret END AS former_secret,
    endpoint.former_secret_key_id, delivery.attempts, delivery.attempts_in_row, delivery.is_test,
    endpoint.failing_since IS NOT NULL AS is_failing;

-- name: note_delivered
-- Whoever else has taken it meanwhile, and even if it was parked: it is delivered.
UPDATE webhook_deliveries SET state = 'delivered', due_at = NULL, claimed_until = NULL, last_attempt_at = statement_timestamp(),
    ended_at = statement_timestamp(), last_status = $outcome.status, last_error = NULL, last_answer = NULL,
        last_seconds = $outcome.seconds
WHERE endpoint_id = $due.endpoint_id AND event_id = $due.event_id AND state <> 'delivered';

-- name: note_failed
-- Only of the attempt that has the delivery now. The last attempt is at the end of the time that there is.
UPDATE webhook_deliveries SET
    state = CASE WHEN is_test OR statement_timestamp() >= give_up_at THEN 'parked' ELSE 'pending' END,
    due_at = CASE WHEN is_test OR statement_timestamp() >= give_up_at THEN NULL
        ELSE least(statement_timestamp() + make_interval(secs => $pause_seconds::float8), give_up_at) END,
    ended_at = CASE WHEN is_test OR statement_timestamp() >= give_up_at THEN statement_timestamp() END,
    claimed_until = NULL, last_attempt_at = statement_timestamp(), last_status = $outcome.status, last_error = $outcome.error,
        last_answer = $outcome.answer,
    last_seconds = $outcome.seconds
WHERE endpoint_id = $due.endpoint_id AND event_id = $due.event_id AND state = 'pending' AND attempts = $due.attempts
RETURNING state;

-- name: park_pending
UPDATE webhook_deliveries SET state = 'parked', due_at = NULL, claimed_until = NULL, ended_at = statement_timestamp(),
    last_error = coalesce(last_error, $2)
WHERE endpoint_id = $1 AND state = 'pending' AND NOT is_test;

-- name: replay_one
UPDATE webhook_deliveries SET state = 'pending', due_at = statement_timestamp(), ended_at = NULL, attempts_in_row = 0,
    give_up_at = statement_timestamp() + make_interval(secs => $3)
WHERE endpoint_id = $1 AND event_id = $2 AND coalesce(claimed_until <= statement_timestamp(), true);

-- name: replay_range
-- The event's id begins with its instant, so that a range of instants is one of ids.
UPDATE webhook_deliveries AS delivery SET state = 'pending', due_at = statement_timestamp(), ended_at = NULL,
    attempts_in_row = 0, give_up_at = statement_timestamp() + make_interval(secs => $6)
FROM (
    SELECT event_id FROM webhook_deliveries
    JOIN webhook_events ON webhook_events.id = event_id
    WHERE endpoint_id = $1 AND state = $2 AND NOT is_test
        AND ($3::timestamptz IS NULL OR told_at >= $3) AND ($4::timestamptz IS NULL OR told_at < $4)
        AND (state = 'parked' OR due_at > statement_timestamp())
        AND coalesce(claimed_until <= statement_timestamp(), true)
    ORDER BY event_id
    LIMIT $5
    FOR UPDATE OF webhook_deliveries SKIP LOCKED
) AS chosen
WHERE delivery.endpoint_id = $1 AND delivery.event_id = chosen.event_id;

-- name: delivery
SELECT event_id AS id, endpoint_id, type, subject, told_at AS time, state, attempts, due_at AS next_attempt_at,
    last_attempt_at, last_status, last_error, last_answer, last_seconds, ended_at, data::text AS data, traceparent
FROM webhook_deliveries JOIN webhook_events ON id = event_id
WHERE endpoint_id = $1 AND event_id = $2;

-- name: deliveries
SELECT event_id AS id, endpoint_id, type, subject, told_at AS time, state, attempts, due_at AS next_attempt_at,
    last_attempt_at, last_status, last_error, last_answer, last_seconds, ended_at
FROM webhook_deliveries JOIN webhook_events ON id = event_id;

-- name: park_overdue
-- Of an endpoint that fails, one attempt is under way at a time: what its day has gone by for without a turn is parked too.
-- And what was told while its endpoint was being disabled.
UPDATE webhook_deliveries AS delivery SET state = 'parked', due_at = NULL, claimed_until = NULL,
    ended_at = statement_timestamp(), last_error = coalesce(last_error, $2)
FROM (
    SELECT endpoint_id, event_id FROM webhook_deliveries
    JOIN webhook_endpoints ON webhook_endpoints.id = endpoint_id
    WHERE state = 'pending' AND NOT is_test AND coalesce(claimed_until <= statement_timestamp(), true)
        AND (NOT is_enabled OR failing_since IS NOT NULL AND give_up_at < statement_timestamp())
    LIMIT $1
    FOR UPDATE OF webhook_deliveries SKIP LOCKED
) AS chosen
WHERE delivery.endpoint_id = chosen.endpoint_id AND delivery.event_id = chosen.event_id;

-- name: remove_old
DELETE FROM webhook_deliveries AS delivery USING (
    SELECT endpoint_id, event_id FROM webhook_deliveries
    WHERE ended_at < statement_timestamp() - make_interval(days => least($2::integer, $3::integer))
        AND (
            state = 'delivered' AND ended_at < statement_timestamp() - make_interval(days => $2::integer)
            OR ended_at < statement_timestamp() - make_interval(days => $3::integer)
        )
    ORDER BY ended_at
    LIMIT $1
) AS old
WHERE delivery.endpoint_id = old.endpoint_id AND delivery.event_id = old.event_id
RETURNING delivery.event_id;

-- name: remove_of_deleted
DELETE FROM webhook_deliveries AS delivery USING (
    SELECT of_one.endpoint_id, of_one.event_id
    FROM webhook_endpoints AS endpoint CROSS JOIN LATERAL (
        SELECT endpoint_id, event_id FROM webhook_deliveries WHERE endpoint_id = endpoint.id ORDER BY event_id LIMIT $1
    ) AS of_one
    WHERE endpoint.deleted_at IS NOT NULL
    LIMIT $1
) AS old
WHERE delivery.endpoint_id = old.endpoint_id AND delivery.event_id = old.event_id
RETURNING delivery.event_id;

-- name: remove_needless_events
DELETE FROM webhook_events AS event
WHERE id = ANY ($1::uuid[]) AND NOT EXISTS (SELECT 1 FROM webhook_deliveries WHERE event_id = event.id);

-- name: count_waiting
-- An endpoint that fails has its deliveries wait for it, and not for a sender.
SELECT waiting.pending, (SELECT count(*) FROM webhook_deliveries WHERE state = 'parked') AS parked, waiting.overdue_seconds
FROM (
    SELECT count(*) AS pending, coalesce(extract(epoch FROM statement_timestamp() - min(due_at) FILTER (
        WHERE due_at < statement_timestamp() AND is_enabled AND failing_since IS NULL
            AND coalesce(claimed_until < statement_timestamp(), true)
    )), 0)::float8 AS overdue_seconds
    FROM webhook_deliveries JOIN webhook_endpoints ON webhook_endpoints.id = endpoint_id
    WHERE state = 'pending'
) AS waiting;
