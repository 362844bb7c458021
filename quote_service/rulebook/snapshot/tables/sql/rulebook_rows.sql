-- Read within one snapshot. A follower at version 0 has nothing: every row changed since. `$2` of the rates and flags
-- says whether it wants only what still matters (it holds nothing yet), or also what ceased to.

-- name: read_version
SELECT version FROM rulebook_state;

-- name: version_and_whether_held_is_known
SELECT version, EXISTS (SELECT FROM rulebook_versions WHERE rulebook_versions.version = $1) FROM rulebook_state;

-- name: rates
SELECT :rate_columns
FROM commission_rates
WHERE changed_in > $1 AND is_active AND (effective_to IS NULL OR effective_to > now());

-- name: ended_rates
SELECT id::text FROM commission_rates
WHERE changed_in > $1 AND NOT (is_active AND (effective_to IS NULL OR effective_to > now()));

-- name: rules
SELECT :rule_columns
FROM pricing_rules
WHERE changed_in > $1
ORDER BY name, version;

-- name: flags
SELECT :flag_columns
FROM feature_flags
WHERE changed_in > $1 AND NOT (is_archived AND $2)
ORDER BY key, id;

-- name: exhaustions
-- Of coupons that can still be used; a coupon that comes back as a new version brings its own with it.
SELECT rule_name, customer_id::text, uses
FROM coupon_exhaustions
WHERE
    (changed_in > $1 OR rule_name IN (SELECT name FROM pricing_rules WHERE type = 'COUPON' AND changed_in > $1))
    AND rule_name IN (
        SELECT name FROM pricing_rules
        WHERE type = 'COUPON' AND is_active AND (effective_to IS NULL OR effective_to > now())
    );

-- name: budget_spends
-- Of rules that can still act; a rule that comes back as a new version brings its own with it.
SELECT rule_name, currency, customer_id::text, spent_minor
FROM budget_exhaustions
WHERE
    (
        changed_in > $1
        OR rule_name IN (SELECT name FROM pricing_rules WHERE type IN ('PROMOTION', 'COUPON') AND changed_in > $1)
    )
    AND rule_name IN (
        SELECT name FROM pricing_rules
        WHERE type IN ('PROMOTION', 'COUPON') AND is_active AND (effective_to IS NULL OR effective_to > now())
    );
