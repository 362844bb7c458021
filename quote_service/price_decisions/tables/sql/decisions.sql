-- name: insert_decision
INSERT INTO price_decisions (
    id, product_id, currency, exponent, mode, origin, state, run_id, model_id, current_minor, proposed_minor, price_minor,
    floor_minor, ceiling_minor, minimum_advertised_minor, cost_minor, confirmed_minor, day_start_minor, lowest_margin_bp,
    highest_margin_bp, step_bp, day_bp, cumulative_bp, by_person, held_by, low_by, high_by, clamped_by, uses_behaviour, details,
    grounds, note, created_by, created_at, decided_by, decided_at, applied_at
)
VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27,
    $28, $29, $30, $31, $32, $33, $34, $35, $36, $37
);

-- name: decision
SELECT id, product_id, currency, exponent, mode, origin, state, current_minor, proposed_minor, price_minor, confirmed_minor,
    day_start_minor, held_by, low_by, high_by, clamped_by, uses_behaviour, run_id, model_id, note, version, created_at,
    created_by, decided_at, decided_by, applied_at, details::text AS details, grounds::text AS grounds
FROM price_decisions WHERE id = $1;

-- name: lock_decision
SELECT id FROM price_decisions WHERE id = $1 FOR UPDATE;

-- name: page_of_decisions
SELECT id, product_id, currency, exponent, mode, origin, state, current_minor, proposed_minor, price_minor, confirmed_minor,
    day_start_minor, held_by, low_by, high_by, clamped_by, uses_behaviour, run_id, model_id, note, version, created_at,
    created_by, decided_at, decided_by, applied_at
FROM price_decisions
WHERE ($1::uuid IS NULL OR id < $1) AND ($2::uuid IS NULL OR product_id = $2) AND ($3::text IS NULL OR currency = $3)
    AND ($4::text IS NULL OR state = $4) AND ($5::text IS NULL OR mode = $5) AND ($6::text IS NULL OR origin = $6)
    AND ($7::uuid IS NULL OR run_id = $7) AND ($8::timestamptz IS NULL OR created_at >= $8)
    AND ($9::timestamptz IS NULL OR created_at < $9)
ORDER BY id DESC LIMIT $10;

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

-- name: settle
-- What becomes of a decision that waited, or of one that is taken back.
UPDATE price_decisions SET state = $2, decided_by = $3, decided_at = $4, note = coalesce($5, note), version = version + 1
WHERE id = $1;

-- name: apply
-- A person accepts: by what holds now.
UPDATE price_decisions SET state = 'applied', decided_by = $2, decided_at = $3, applied_at = $3, note = coalesce($4, note),
    by_person = true, version = version + 1, price_minor = $5, current_minor = $6, floor_minor = $7, ceiling_minor = $8,
    minimum_advertised_minor = $9, cost_minor = $10, lowest_margin_bp = $11, highest_margin_bp = $12
WHERE id = $1;

-- name: demote
INSERT INTO price_decision_products AS held (product_id, currency, demoted_at) VALUES ($1, $2, $3)
ON CONFLICT (product_id, currency) DO UPDATE SET demoted_at = excluded.demoted_at;

-- name: promote_item
UPDATE price_decision_products SET demoted_at = NULL
WHERE product_id = $1 AND currency = $2 AND demoted_at IS NOT NULL;

-- name: claim_item
INSERT INTO price_decision_products AS held (product_id, currency, claimed_by) VALUES ($1, $2, $3)
ON CONFLICT (product_id, currency) DO UPDATE SET claimed_by = excluded.claimed_by
WHERE held.claimed_by IS NULL OR held.claimed_by = excluded.claimed_by
RETURNING product_id;

-- name: release_items
UPDATE price_decision_products SET claimed_by = NULL WHERE claimed_by = $1;

-- name: items_to_roll_back
-- Prices that decisions have moved away from the one that a person last confirmed.
SELECT f.product_id, f.currency
FROM price_policies_in_force AS f CROSS JOIN LATERAL price_anchors(f.product_id, f.currency) AS anchors
WHERE ($1::uuid IS NULL OR f.product_id = $1) AND ($2::text IS NULL OR f.currency = $2)
    AND anchors.confirmed * 10::numeric ^ f.exponent <> f.current_units
    AND EXISTS (
        SELECT 1 FROM price_decisions AS d
        WHERE d.product_id = f.product_id AND d.currency = f.currency AND d.state = 'applied' AND NOT d.by_person
            AND d.applied_at >= anchors.confirmed_at
    )
ORDER BY f.product_id, f.currency;

-- name: applied_by_itself
SELECT id FROM price_decisions
WHERE product_id = $1 AND currency = $2 AND state = 'applied' AND NOT by_person ORDER BY id;

-- name: forget_decisions
-- What set a price stays as long as the price's history does, which names it.
DELETE FROM price_decisions WHERE id IN (
    SELECT id FROM price_decisions
    WHERE created_at < statement_timestamp() - make_interval(days => $1)
        AND state IN ('unchanged', 'shadow', 'rejected', 'superseded')
    ORDER BY id LIMIT $2
);

-- name: count_waiting
SELECT state, count(*) AS prices FROM price_decisions WHERE state IN ('held', 'suggested') GROUP BY state;
