-- What counted in a version ($1) and has become what it is there since an earlier one ($2; 0 for everything): a row counted in
-- the versions changed_in <= v < replaced_in; one that stands now has not been replaced.

-- name: past_version_exists
SELECT EXISTS (SELECT FROM rulebook_versions WHERE version = $1);

-- name: rates_since
-- Those that end before an instant ($3) are left out.
WITH standing AS (
    SELECT 9223372036854775807 AS replaced_in, now.* FROM commission_rates AS now
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
WHERE changed_in > $2 AND changed_in <= $1 AND replaced_in > $1 AND is_active AND (effective_to IS NULL OR effective_to > $3);

-- name: ended_rates_since
WITH standing AS (
    SELECT 9223372036854775807 AS replaced_in, now.* FROM commission_rates AS now
    UNION ALL
    SELECT past.* FROM commission_rate_history AS past
)
SELECT id::text FROM standing WHERE changed_in > $2 AND changed_in <= $1 AND replaced_in > $1 AND NOT is_active;

-- name: rules_since
WITH standing AS (
    SELECT 9223372036854775807 AS replaced_in, now.* FROM pricing_rules AS now
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
WHERE changed_in > $2 AND changed_in <= $1 AND replaced_in > $1 AND (is_active OR $2 > 0)
ORDER BY name, version;

-- name: flags_since
WITH standing AS (
    SELECT 9223372036854775807 AS replaced_in, now.* FROM feature_flags AS now
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
WHERE changed_in > $2 AND changed_in <= $1 AND replaced_in > $1 AND (NOT is_archived OR $2 > 0)
ORDER BY key, id;

-- name: exhaustions_since
WITH standing AS (
    SELECT 9223372036854775807 AS replaced_in, now.* FROM coupon_exhaustions AS now
    UNION ALL
    SELECT past.* FROM coupon_exhaustion_history AS past
)
SELECT rule_name, customer_id::text, uses FROM standing
WHERE changed_in > $2 AND changed_in <= $1 AND replaced_in > $1;

-- name: budget_spends_since
WITH standing AS (
    SELECT 9223372036854775807 AS replaced_in, now.* FROM budget_exhaustions AS now
    UNION ALL
    SELECT past.* FROM budget_exhaustion_history AS past
)
SELECT rule_name, currency, customer_id::text, spent_minor FROM standing
WHERE changed_in > $2 AND changed_in <= $1 AND replaced_in > $1;
