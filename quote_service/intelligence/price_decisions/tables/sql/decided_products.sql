-- name: demote_item
INSERT INTO price_decision_products AS held (product_id, currency, demoted_at) VALUES ($1, $2, $3)
ON CONFLICT (product_id, currency) DO UPDATE SET demoted_at = excluded.demoted_at;

-- name: promote_item
UPDATE price_decision_products SET demoted_at = NULL
WHERE product_id = $1 AND currency = $2 AND demoted_at IS NOT NULL;

-- name: claim_item
INSERT INTO price_decision_products AS held (product_id, currency, claimed_by) VALUES ($1, $2, $3)
ON CONFLICT (product_id, currency) DO UPDATE SET claimed_by = excluded.claimed_by
WHERE held.claimed_by IS NULL OR held.claimed_by = excluded.claimed_by
RETURNING true;

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
