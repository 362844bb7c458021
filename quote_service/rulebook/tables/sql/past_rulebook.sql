-- A row counted in the versions changed_in <= v < replaced_in; one that stands now has not been replaced.

-- name: past_version_is_known
SELECT EXISTS (SELECT FROM rulebook_versions WHERE version = $1);

-- name: past_rates
-- Those that can concern lines of these sellers and categories, whatever their period.
WITH standing AS (
    SELECT 9223372036854775807 AS replaced_in, rate.* FROM commission_rates AS rate
    UNION ALL
    SELECT past.* FROM commission_rate_history AS past
)
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
FROM standing
WHERE
    changed_in <= $1 AND replaced_in > $1 AND is_active
    AND (seller_id IS NULL OR seller_id = ANY ($2::uuid[]))
    AND (category_id IS NULL OR category_id = ANY ($3::uuid[]))
ORDER BY id;

-- name: past_rules
WITH standing AS (
    SELECT 9223372036854775807 AS replaced_in, rule.* FROM pricing_rules AS rule
    UNION ALL
    SELECT past.* FROM pricing_rule_history AS past
)
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
FROM standing
WHERE changed_in <= $1 AND replaced_in > $1
ORDER BY name, version;

-- name: past_flags
WITH standing AS (
    SELECT 9223372036854775807 AS replaced_in, flag.* FROM feature_flags AS flag
    UNION ALL
    SELECT past.* FROM feature_flag_history AS past
)
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
FROM standing
WHERE changed_in <= $1 AND replaced_in > $1 AND NOT is_archived
ORDER BY key, id;

-- name: past_exhaustions
WITH standing AS (
    SELECT 9223372036854775807 AS replaced_in, told.* FROM coupon_exhaustions AS told
    UNION ALL
    SELECT past.* FROM coupon_exhaustion_history AS past
)
SELECT rule_name, customer_id::text, uses
FROM standing
WHERE changed_in <= $1 AND replaced_in > $1 AND (customer_id IS NULL OR customer_id = $2);

-- name: past_budget_spends
WITH standing AS (
    SELECT 9223372036854775807 AS replaced_in, told.* FROM budget_exhaustions AS told
    UNION ALL
    SELECT past.* FROM budget_exhaustion_history AS past
)
SELECT rule_name, currency, customer_id::text, spent_minor
FROM standing
WHERE changed_in <= $1 AND replaced_in > $1 AND (customer_id IS NULL OR customer_id = $2);
