-- name: signal
SELECT id, kind, status, product_id, variant_id, competitor_id, listing_id, source_id, currency,
    previous_price::text AS previous_price, price::text AS price, measured::text AS measured, threshold::text AS threshold,
    occurrences, raised_at, last_at, expires_at, resolved_at, acknowledged_at, acknowledged_by, note, verdict, version,
    evidence::text AS evidence
FROM signals WHERE id = $1;

-- name: lock_signal
SELECT id FROM signals WHERE id = $1 FOR NO KEY UPDATE;

-- name: signals
SELECT id, kind, status, product_id, variant_id, competitor_id, listing_id, source_id, currency,
    previous_price::text AS previous_price, price::text AS price, measured::text AS measured, threshold::text AS threshold,
    occurrences, raised_at, last_at, expires_at, resolved_at, acknowledged_at, acknowledged_by, note, verdict, version
FROM signals;

-- name: signals_in_effect
-- Whether somebody has acknowledged one or not, what it tells of goes on.
SELECT id, kind, status, product_id, variant_id, competitor_id, listing_id, source_id, currency,
    previous_price::text AS previous_price, price::text AS price, measured::text AS measured, threshold::text AS threshold,
    occurrences, raised_at, last_at, expires_at, resolved_at, acknowledged_at, acknowledged_by, note, verdict, version
FROM signals
WHERE product_id = ANY ($1::uuid[]) AND ($2::text[] IS NULL OR kind = ANY ($2::text[])) AND status IN ('open', 'acknowledged')
    AND resolved_at IS NULL AND expires_at > $3
ORDER BY product_id, id;

-- name: prices_pending
-- Products with a price that nobody has looked at yet, a competitor's or our own, and the listings whose price it is. Stock is no
-- price: what sells every second would never be looked at.
SELECT DISTINCT coalesce(l.product_id, v.product_id, p.id) AS product_id, l.id AS listing_id
FROM signals_pending AS n
LEFT JOIN competitor_listings AS l ON n.source IN ('observation', 'vouched') AND l.id = n.item_id
LEFT JOIN product_variants AS v ON n.source = 'price' AND v.id = n.item_id
LEFT JOIN products AS p ON n.source = 'price' AND p.id = n.item_id
WHERE coalesce(l.product_id, v.product_id, p.id) = ANY ($1::uuid[]);

-- name: acknowledge
UPDATE signals SET status = 'acknowledged', acknowledged_at = $2, acknowledged_by = $3, note = $4, verdict = $5,
    version = version + 1, updated_at = $2
WHERE id = $1;

-- name: vouch
-- What was kept out is looked at again, now that a person has said that it is right.
INSERT INTO signals_pending (source, item_id, object_id)
SELECT 'vouched', s.listing_id, published.observation
FROM signals AS s CROSS JOIN LATERAL (
    SELECT each ->> 'id' AS observation FROM json_array_elements(s.evidence) AS each
    WHERE each ->> 'role' = 'now' AND each ->> 'subject' = 'observation'
) AS published
WHERE s.id = $1;

-- name: changed_signals
SELECT updated_at, id, kind, status, product_id, variant_id, competitor_id, listing_id, source_id, currency,
    previous_price::text AS previous_price, price::text AS price, measured::text AS measured, threshold::text AS threshold,
    occurrences, raised_at, last_at, expires_at, resolved_at, acknowledged_at, acknowledged_by, note, verdict, version
FROM signals WHERE updated_at >= $1 ORDER BY updated_at, id LIMIT $2;
