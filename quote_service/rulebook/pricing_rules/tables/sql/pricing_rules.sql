-- name: hold_rules
SELECT version FROM rulebook_state FOR UPDATE;

-- name: insert_version
-- What says nothing of min_price keeps what the rule has.
INSERT INTO pricing_rules AS rule (
    id, name, type, configuration, conditions, currency, region, region_key, priority,
    effective_from, effective_to, is_active, version, created_by, created_at, changed_by, changed_at, respects_min_price
) VALUES (
    $1, $2, $3, $4::text::jsonb - 'respects_min_price' #- '{value,respects_min_price}', $5::text::jsonb, $6, $7, $8, $9,
    $10, $11, $12, $13, $14, $15, $14, $15,
    coalesce(
        ($4::text::jsonb ->> 'respects_min_price')::boolean,
        ($4::text::jsonb #>> '{value,respects_min_price}')::boolean,
        (SELECT held.respects_min_price FROM pricing_rules AS held WHERE held.name = $2 ORDER BY held.version DESC LIMIT 1),
        true
    )
)
RETURNING
    id, name, type, rule_configuration(type, configuration, respects_min_price)::text AS configuration, conditions::text, currency,
    region, priority, effective_from, effective_to,
    is_active, version, created_by, created_at, changed_by, changed_at, revision;

-- name: switch_off
UPDATE pricing_rules SET is_active = false, changed_by = $change.actor, changed_at = $change.at
WHERE id = $rule_id
RETURNING
    id, name, type, rule_configuration(type, configuration, respects_min_price)::text AS configuration, conditions::text, currency,
    region, priority, effective_from, effective_to,
    is_active, version, created_by, created_at, changed_by, changed_at, revision;

-- name: rule_by_id
SELECT
    id, name, type, rule_configuration(type, configuration, respects_min_price)::text AS configuration, conditions::text, currency,
    region, priority, effective_from, effective_to,
    is_active, version, created_by, created_at, changed_by, changed_at, revision
FROM pricing_rules
WHERE id = $1;

-- name: rule_by_version
SELECT
    id, name, type, rule_configuration(type, configuration, respects_min_price)::text AS configuration, conditions::text, currency,
    region, priority, effective_from, effective_to,
    is_active, version, created_by, created_at, changed_by, changed_at, revision
FROM pricing_rules
WHERE name = $1 AND version = $2;

-- name: newest_version
SELECT max(version) FROM pricing_rules WHERE name = $1;

-- name: page_of_rules
-- $6: only the version of each name that counts at that instant.
SELECT
    id, name, type, rule_configuration(type, configuration, respects_min_price)::text AS configuration, conditions::text, currency,
    region, priority, effective_from, effective_to,
    is_active, version, created_by, created_at, changed_by, changed_at, revision
FROM pricing_rules AS rule
WHERE
    ($1::text IS NULL OR name = $1)
    AND ($2::text IS NULL OR type = $2)
    AND ($3::text IS NULL OR region_key = $3)
    AND ($4::text IS NULL OR currency = $4)
    AND ($5::boolean IS NULL OR is_active = $5)
    AND (
        $6::timestamptz IS NULL
        OR (
            is_active
            AND effective_from <= $6
            AND (effective_to IS NULL OR effective_to > $6)
            AND NOT EXISTS (
                SELECT FROM pricing_rules AS higher
                WHERE
                    higher.name = rule.name
                    AND higher.version > rule.version
                    AND higher.is_active
                    AND higher.effective_from <= $6
                    AND (higher.effective_to IS NULL OR higher.effective_to > $6)
            )
        )
    )
    AND ($7::text IS NULL OR name > $7 OR (name = $7 AND version < $8::integer))
ORDER BY name, version DESC
LIMIT $9;

-- name: page_of_versions
SELECT
    id, name, type, rule_configuration(type, configuration, respects_min_price)::text AS configuration, conditions::text, currency,
    region, priority, effective_from, effective_to,
    is_active, version, created_by, created_at, changed_by, changed_at, revision
FROM pricing_rules
WHERE name = $1 AND ($2::integer IS NULL OR version < $2)
ORDER BY version DESC
LIMIT $3;

-- name: record_exhaustions
-- A new version may have lower limits, which counts have reached that no limit was reached by before.
INSERT INTO coupon_exhaustions (rule_name, customer_id, uses)
SELECT rule_name, customer_id, uses
FROM coupon_usage
WHERE rule_name = $1 AND uses >= CASE WHEN customer_id IS NULL THEN $2::bigint ELSE $3::bigint END
ON CONFLICT ON CONSTRAINT coupon_exhaustions_counter DO UPDATE SET uses = excluded.uses
WHERE coupon_exhaustions.uses < excluded.uses;

-- name: record_budget_spends
-- Likewise of lower budgets.
INSERT INTO budget_exhaustions (rule_name, currency, customer_id, spent_minor)
SELECT rule_name, currency, customer_id, spent_minor
FROM budget_counters
WHERE
    rule_name = $1 AND currency = $2
    AND spent_minor >= CASE WHEN customer_id IS NULL THEN $3::bigint ELSE $4::bigint END
ON CONFLICT ON CONSTRAINT budget_exhaustions_counter DO UPDATE SET spent_minor = excluded.spent_minor
WHERE budget_exhaustions.spent_minor <> excluded.spent_minor;
