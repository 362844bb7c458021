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

-- name: settle_decision
-- What becomes of a decision that waited, or of one that is taken back.
UPDATE price_decisions SET state = $2, decided_by = $3, decided_at = $4, note = coalesce($5, note), version = version + 1
WHERE id = $1;

-- name: settle_left
-- What waits for a person of prices that nobody decides about any more, of so many from behind one; the last of those looked at.
-- LIMIT: what is in force is looked up for each of them, and not worked out for the whole catalog.
WITH waiting AS MATERIALIZED (
    SELECT id, product_id, currency FROM price_decisions
    WHERE state IN ('held', 'suggested') AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3
), settled AS (
    UPDATE price_decisions AS d
    SET state = 'superseded', decided_by = $1, decided_at = clock_timestamp(), version = version + 1
    FROM waiting LEFT JOIN LATERAL (
        SELECT true AS is_decided FROM price_policies_in_force AS f
        WHERE f.product_id = waiting.product_id AND f.currency = waiting.currency AND f.mode <> 'off'
            AND f.claimed_by IS NULL AND f.is_active
        LIMIT 1
    ) AS now ON true
    WHERE d.id = waiting.id AND d.state IN ('held', 'suggested') AND now.is_decided IS NULL
)
SELECT id FROM waiting ORDER BY id DESC LIMIT 1;

-- name: apply_decision
-- A person accepts: by what holds now.
UPDATE price_decisions SET state = 'applied', decided_by = $author, decided_at = $at, applied_at = $at, note = coalesce($note,
    note),
    by_person = true, version = version + 1, price_minor = $price_minor, current_minor = $facts.current_minor,
        floor_minor = $facts.floor_minor, ceiling_minor = $facts.ceiling_minor,
    minimum_advertised_minor = $facts.minimum_advertised_minor, cost_minor = $facts.cost_minor,
        lowest_margin_bp = $facts.limits.lowest_margin_bp, highest_margin_bp = $facts.limits.highest_margin_bp
WHERE id = $decision_id;

-- name: forget_decisions
-- What set a price stays as long as the price's history does, which names it.
DELETE FROM price_decisions WHERE id IN (
    SELECT id FROM price_decisions
    WHERE created_at < statement_timestamp() - make_interval(days => $1)
        AND state IN ('unchanged', 'shadow', 'rejected', 'superseded')
    ORDER BY id LIMIT $2
);
