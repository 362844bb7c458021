-- name: versions_of_coupons
-- Every version of the coupons that these versions belong to: each may have limits of its own.
SELECT rule.id::text, rule.name, rule.version, rule.is_active, rule.configuration::text
FROM pricing_rules AS rule
WHERE rule.type = 'COUPON' AND rule.name IN (SELECT name FROM pricing_rules WHERE id = ANY ($1::uuid[]))
ORDER BY rule.name, rule.version;

-- name: insert_use
-- Whose it is says the quote as it was accepted: nobody's, of a customer who has been erased meanwhile.
INSERT INTO coupon_uses (quote_id, rule_name, code, customer_id, used_at)
SELECT quote_id, $2, $3, customer_id, $4 FROM accepted_quotes WHERE quote_id = $1;

-- name: count_use
-- Waits for whoever counts the same; answers nothing where the limit ($3) is reached.
INSERT INTO coupon_usage AS counter (rule_name, customer_id, uses) VALUES ($1, $2, 1)
ON CONFLICT ON CONSTRAINT coupon_usage_counter DO UPDATE SET uses = counter.uses + 1
WHERE $3::bigint IS NULL OR counter.uses < $3
RETURNING uses;

-- name: tell_exhaustion
INSERT INTO coupon_exhaustions (rule_name, customer_id, uses) VALUES ($1, $2, $3)
ON CONFLICT ON CONSTRAINT coupon_exhaustions_counter DO UPDATE SET uses = excluded.uses
WHERE coupon_exhaustions.uses < excluded.uses;

-- name: untold_exhaustions
-- Counts that have reached the limits $3 (all customers) and $4 (this customer) of a coupon, and the rulebook does not know.
SELECT usage.customer_id::text, usage.uses
FROM coupon_usage AS usage
WHERE
    usage.rule_name = $1
    AND (
        (usage.customer_id IS NULL AND usage.uses >= $3::bigint)
        OR (usage.customer_id = $2 AND usage.uses >= $4::bigint)
    )
    AND NOT EXISTS (
        SELECT FROM coupon_exhaustions AS told
        WHERE
            told.rule_name = usage.rule_name
            AND told.customer_id IS NOT DISTINCT FROM usage.customer_id
            AND told.uses >= usage.uses
    )
ORDER BY usage.customer_id NULLS FIRST;
