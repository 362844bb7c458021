-- name: publish
INSERT INTO event_outbox (topic, key, type, data)
SELECT $1, given.key, $2, given.data::json
FROM unnest($3::text[], $4::text[]) WITH ORDINALITY AS given (key, data, place) ORDER BY place;

-- name: take_lane
-- The lane whose first row has waited longest, unless another process has it.
SELECT l.lane
FROM event_lanes AS l CROSS JOIN LATERAL (
    SELECT o.at, o.seq FROM event_outbox AS o WHERE o.lane = l.lane ORDER BY o.seq LIMIT 1
) AS first
ORDER BY first.at
LIMIT 1
FOR UPDATE OF l SKIP LOCKED;

-- name: first_of_lane
SELECT seq, id, topic, key, type, data::text AS data, at, traceparent FROM event_outbox WHERE lane = $1 ORDER BY seq LIMIT $2;

-- name: take_out
DELETE FROM event_outbox WHERE lane = $lane AND seq = ANY ($rows.seq::bigint[]);

-- name: waiting
-- Counted as far as it matters: there may be millions while the bus is unavailable.
SELECT (SELECT count(*) FROM (SELECT 1 FROM event_outbox LIMIT $1) AS counted) AS count,
    coalesce(extract(epoch FROM statement_timestamp() - min(first.at)), 0)::float8 AS oldest_seconds
FROM event_lanes AS l LEFT JOIN LATERAL (
    SELECT o.at FROM event_outbox AS o WHERE o.lane = l.lane ORDER BY o.seq LIMIT 1
) AS first ON true;

-- name: drop_old
-- What the bus itself would have let go of, and the oldest of too many.
DELETE FROM event_outbox WHERE (lane, seq) IN (
    SELECT o.lane, o.seq FROM event_lanes AS l CROSS JOIN LATERAL (
        SELECT lane, seq FROM event_outbox
        WHERE lane = l.lane AND (
            at < statement_timestamp() - make_interval(days => $1)
            OR seq <= (
                SELECT max(last.seq) FROM event_lanes AS every CROSS JOIN LATERAL (
                    SELECT seq FROM event_outbox WHERE lane = every.lane ORDER BY seq DESC LIMIT 1
                ) AS last
            ) - $2::bigint
        )
        ORDER BY seq LIMIT $3
    ) AS o
);
