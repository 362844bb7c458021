-- Read within one snapshot. A follower at version 0 has nothing: every row changed since. `$2` of the rates and flags
-- tells whether it wants only what still matters (it holds nothing yet), or also what ceased to.

-- name: version
SELECT version FROM rulebook_state;

-- name: version_and_whether_held_is_known
SELECT version, EXISTS (SELECT FROM rulebook_versions WHERE rulebook_versions.version = $1) FROM rulebook_state;

-- name: rates
SELECT
    id::text AS id,
    seller_id::text AS seller_id,
    category_id::text AS category_id,
    logistics_provider,
    commission_type,
    rate::text AS rate,
    min_amount::text AS min_amount,
    max_amount::text AS max_amount,
    tiers::text AS tiers,
    scope,
    split::text AS split,
    currency,
    region,
    region_key,
    epoch_us(effective_from) AS effective_from_us,
    epoch_us(effective_to) AS effective_to_us,
    priority,
    changed_in
FROM commission_rates
WHERE changed_in > $1 AND is_active AND (effective_to IS NULL OR effective_to > now());

-- name: ended_rates
SELECT id::text FROM commission_rates
WHERE changed_in > $1 AND NOT (is_active AND (effective_to IS NULL OR effective_to > now()));

-- name: rules
SELECT
    id::text,
    name,
    type,
    configuration::text,
    conditions::text,
    currency,
    region,
    region_key,
    priority,
    effective_from,
    effective_to,
    is_active,
    version,
    created_by,
    epoch_us(created_at) AS created_at_us,
    changed_in
FROM pricing_rules
WHERE changed_in > $1
ORDER BY name, version;

-- name: flags
SELECT
    id::text,
    key,
    type,
    value::text,
    default_value::text,
    name,
    description,
    is_enabled,
    rollout::text,
    expose_in_quote,
    accept_group,
    salt,
    algorithm,
    is_archived,
    state,
    version,
    changed_in
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
