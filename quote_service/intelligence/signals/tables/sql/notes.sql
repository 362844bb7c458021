-- name: begin_looking
-- One process looks at a time; false while another does.
SELECT pg_try_advisory_xact_lock(hashtext('signals'));

-- name: take_notes
DELETE FROM signals_pending WHERE number = ANY (ARRAY(SELECT number FROM signals_pending ORDER BY number LIMIT $1))
RETURNING number, source, item_id, object_id;

-- name: oldest_note
SELECT count(*) AS notes,
    coalesce(extract(epoch FROM clock_timestamp() - min(pending_at)), 0)::double precision AS seconds
FROM (SELECT pending_at FROM signals_pending ORDER BY number LIMIT 10000) AS first;

-- name: states
SELECT subject, state::text AS state FROM signal_states WHERE machine = $1 AND subject = ANY ($2::text[]);

-- name: subjects_of
SELECT subject FROM signal_states WHERE machine = $1;

-- name: write_states
INSERT INTO signal_states (machine, subject, state, updated_at)
SELECT $1, given.subject, given.state::json, $4 FROM unnest($2::text[], $3::text[]) AS given (subject, state)
ON CONFLICT (machine, subject) DO UPDATE SET state = excluded.state, updated_at = excluded.updated_at;

-- name: remove_states
DELETE FROM signal_states WHERE machine = $1 AND subject = ANY ($2::text[]);

-- name: price_moves
SELECT id, product_id, variant_id, currency, old_price::text AS old_price, new_price::text AS new_price, at
FROM price_history WHERE id = ANY ($1::bigint[]) ORDER BY at, id;

-- name: own_prices
-- A variant without a price of its own has its product's. Since when a price is what it is, its last move says.
SELECT p.product_id, p.variant_id, p.currency, p.current_price::text AS price, h.id AS move_id, h.at,
    coalesce(h.old_price, p.current_price)::text AS price_before
FROM product_prices AS p
CROSS JOIN LATERAL (
    SELECT id, at, old_price FROM price_history WHERE item_id = p.item_id AND currency = p.currency ORDER BY at DESC LIMIT 1
) AS h
WHERE p.product_id = ANY ($1::uuid[]);

-- name: stock_of
SELECT item_id, product_id, variant_id, quantity - reserved AS available FROM inventory
WHERE item_id = ANY ($1::uuid[]) AND version > 0;

-- name: silent_sources
SELECT s.id, s.competitor_id, s.name, s.last_ok_at, s.last_outcome, (s.settings::json ->> 'product_id')::uuid AS product_id
FROM competitor_sources_shown AS s JOIN competitors AS c ON c.id = s.competitor_id
WHERE s.is_enabled AND s.is_stale AND c.is_active
    AND NOT EXISTS (
        SELECT FROM signal_states AS t
        WHERE t.machine = 'source' AND t.subject = s.id::text AND (t.state ->> 'until_us')::bigint > $1
    )
ORDER BY s.id LIMIT $2;

-- name: sources_heard_again
SELECT t.subject
FROM signal_states AS t
LEFT JOIN competitor_sources_shown AS s ON s.id::text = t.subject
LEFT JOIN competitors AS c ON c.id = s.competitor_id
WHERE t.machine = 'source' AND NOT coalesce(s.is_stale AND s.is_enabled AND c.is_active, false)
ORDER BY t.subject LIMIT $1;

-- name: raise_signal
INSERT INTO signals AS s (
    id, kind, subject, product_id, variant_id, competitor_id, listing_id, source_id, currency, previous_price, price, measured,
    threshold, evidence, raised_at, last_at, expires_at, updated_at
) VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10::text::numeric, $11::text::numeric, $12::text::numeric, $13::text::numeric,
    $14::text::json, $15, $15, $16, $17
)
ON CONFLICT (kind, subject) WHERE status = 'open' DO UPDATE SET
    currency = excluded.currency, previous_price = excluded.previous_price, price = excluded.price,
    measured = excluded.measured, threshold = excluded.threshold, evidence = excluded.evidence,
    occurrences = s.occurrences + 1, last_at = greatest(s.last_at, excluded.last_at),
    expires_at = greatest(s.expires_at, excluded.expires_at), resolved_at = NULL, version = s.version + 1,
    updated_at = excluded.updated_at
RETURNING id;

-- name: continue_signal
-- Whether somebody has acknowledged it or not, it goes on.
UPDATE signals SET previous_price = $3::text::numeric, price = $4::text::numeric, measured = $5::text::numeric,
    evidence = $6::text::json, occurrences = occurrences + 1, last_at = greatest(last_at, $7),
    expires_at = greatest(expires_at, $8), version = version + 1, updated_at = $9
WHERE kind = $1 AND subject = $2 AND status IN ('open', 'acknowledged') AND resolved_at IS NULL AND expires_at > $9;

-- name: resolve_signal
UPDATE signals SET resolved_at = $3, status = CASE WHEN status = 'open' THEN 'resolved' ELSE status END,
    version = version + 1, updated_at = $4
WHERE kind = $1 AND subject = $2 AND status IN ('open', 'acknowledged') AND resolved_at IS NULL
RETURNING id;

-- name: end_expired
-- Of what was not acknowledged in time it is not known whether it goes on.
UPDATE signals SET status = 'expired', version = version + 1, updated_at = $1
WHERE id = ANY (ARRAY(
    SELECT id FROM signals WHERE status = 'open' AND kind <> 'price_war' AND expires_at <= $1
    ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED
));

-- name: end_wars
-- A war in which nobody has undercut for its window is over.
UPDATE signals SET status = CASE WHEN status = 'open' THEN 'resolved' ELSE status END, resolved_at = expires_at,
    version = version + 1, updated_at = $1
WHERE id = ANY (ARRAY(
    SELECT id FROM signals
    WHERE kind = 'price_war' AND status IN ('open', 'acknowledged') AND resolved_at IS NULL AND expires_at <= $1
    ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED
))
RETURNING id;

-- name: forget_signals
DELETE FROM signals WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM signals WHERE updated_at < $1::timestamptz AND (status <> 'open') LIMIT $2
));

-- name: forget_states
DELETE FROM signal_states WHERE ctid = ANY (ARRAY(SELECT ctid FROM signal_states WHERE updated_at < $1::timestamptz LIMIT $2));

-- name: count_open
SELECT kind, count(*) AS signals FROM signals WHERE status = 'open' GROUP BY kind;

-- name: signals_by_id
SELECT id, kind, status, product_id, variant_id, competitor_id, listing_id, source_id, currency,
    previous_price::text AS previous_price, price::text AS price, measured::text AS measured, threshold::text AS threshold,
    occurrences, raised_at, last_at, expires_at, resolved_at, acknowledged_at, acknowledged_by, note, verdict, version,
    evidence::text AS evidence
FROM signals WHERE id = ANY ($1::uuid[]) ORDER BY id;
