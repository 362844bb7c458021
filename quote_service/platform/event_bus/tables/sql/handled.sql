-- name: mark_handled
-- Those that were not handled before. Another consumer that handles the same events now is waited for.
INSERT INTO event_handled (consumer_group, event_id)
SELECT $1, id FROM unnest($2::uuid[]) AS given (id) ORDER BY id
ON CONFLICT DO NOTHING
RETURNING event_id;

-- name: forget_handled
-- Ids begin with their instant: what is older than its first possible id is handled by nobody any more.
DELETE FROM event_handled WHERE ctid = ANY (ARRAY(
    SELECT h.ctid FROM (SELECT unnest($1::text[]) AS consumer_group) AS g CROSS JOIN LATERAL (
        SELECT ctid FROM event_handled WHERE consumer_group = g.consumer_group AND event_id < $2 ORDER BY event_id LIMIT $3
    ) AS h
));
