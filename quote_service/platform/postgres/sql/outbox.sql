-- name: of_endpoints_wanting
-- Before an array of patterns.
FROM webhook_endpoints WHERE is_enabled AND deleted_at IS NULL AND event_types &&

-- name: publish
-- The endpoints are read once, so that an event is there for all deliveries made of it. A quote that was kept somewhere may be
-- accepted after its customer was erased.
WITH wanted AS MATERIALIZED (
    SELECT id :of_endpoints_wanting $5::text[]
), published AS (
    INSERT INTO webhook_events (id, type, subject, data, customer_id, traceparent)
    SELECT given.id, $2, given.subject, CASE WHEN is_erased AND given.data::jsonb ? 'external_ref'
            THEN jsonb_set(given.data::jsonb, '{external_ref}', 'null')::json ELSE given.data::json END,
        CASE WHEN NOT is_erased THEN given.customer_id END, coalesce(given.traceparent, transaction_traceparent())
    FROM unnest($1::uuid[], $3::text[], $4::text[], $6::uuid[], $7::text[])
        AS given (id, subject, data, customer_id, traceparent)
    CROSS JOIN LATERAL is_erased_customer(given.customer_id) AS is_erased
    WHERE EXISTS (SELECT 1 FROM wanted)
)
INSERT INTO webhook_deliveries (endpoint_id, event_id)
SELECT wanted.id, given.id FROM wanted CROSS JOIN unnest($1::uuid[]) AS given (id);

-- name: is_wanted
SELECT EXISTS (SELECT 1 :of_endpoints_wanting $1::text[]);

-- name: forget_customer
-- Numbers keep their digits in jsonb; what was signed no longer holds, as in the quote itself.
UPDATE webhook_events SET customer_id = NULL, data = CASE WHEN data::jsonb ? 'external_ref'
    THEN jsonb_set(data::jsonb, '{external_ref}', 'null')::json ELSE data END
WHERE customer_id = $1;
