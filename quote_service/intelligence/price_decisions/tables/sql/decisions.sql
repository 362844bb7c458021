-- name: decision
SELECT id, product_id, currency, exponent, mode, origin, state, current_minor, proposed_minor, price_minor, confirmed_minor,
    day_start_minor, held_by, low_by, high_by, clamped_by, uses_behaviour, run_id, model_id, note, version, created_at,
    created_by, decided_at, decided_by, applied_at, details::text AS details, grounds::text AS grounds
FROM price_decisions WHERE id = $1;

-- name: lock_decision
SELECT id FROM price_decisions WHERE id = $1 FOR UPDATE;

-- name: decisions
SELECT id, product_id, currency, exponent, mode, origin, state, current_minor, proposed_minor, price_minor, confirmed_minor,
    day_start_minor, held_by, low_by, high_by, clamped_by, uses_behaviour, run_id, model_id, note, version, created_at,
    created_by, decided_at, decided_by, applied_at
FROM price_decisions;

-- name: waiting_decision
-- What waits for a person of a price, kept from others.
SELECT id, state, current_minor, price_minor, held_by, mode FROM price_decisions
WHERE product_id = $1 AND currency = $2 AND state IN ('held', 'suggested') FOR UPDATE;

-- name: last_decisions
-- The newest decision of each of some prices.
SELECT wanted.product_id, wanted.currency, last.state, last.current_minor, last.price_minor, last.held_by, last.mode
FROM unnest($1::uuid[], $2::text[]) AS wanted (product_id, currency)
CROSS JOIN LATERAL (
    SELECT state, current_minor, price_minor, held_by, mode FROM price_decisions AS d
    WHERE d.product_id = wanted.product_id AND d.currency = wanted.currency ORDER BY d.id DESC LIMIT 1
) AS last;

-- name: count_waiting
SELECT state, count(*) AS prices FROM price_decisions WHERE state IN ('held', 'suggested') GROUP BY state;
