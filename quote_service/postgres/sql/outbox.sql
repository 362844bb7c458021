-- name: tell
-- The endpoints are read once, so that an event is there for all deliveries made of it.
WITH wanted AS MATERIALIZED (
    SELECT id FROM webhook_endpoints WHERE is_enabled AND deleted_at IS NULL AND event_types && $5::text[]
), told AS (
    INSERT INTO webhook_events (id, type, subject, data)
    SELECT given.id, $2, given.subject, given.data::json
    FROM unnest($1::uuid[], $3::text[], $4::text[]) AS given (id, subject, data)
    WHERE EXISTS (SELECT 1 FROM wanted)
)
INSERT INTO webhook_deliveries (endpoint_id, event_id)
SELECT wanted.id, given.id FROM wanted CROSS JOIN unnest($1::uuid[]) AS given (id);

-- name: is_wanted
SELECT EXISTS (
    SELECT 1 FROM webhook_endpoints WHERE is_enabled AND deleted_at IS NULL AND event_types && $1::text[]
);

-- name: wanted_types
SELECT DISTINCT unnest(event_types) AS event_type FROM webhook_endpoints WHERE is_enabled AND deleted_at IS NULL;
