-- What queries of the rulebook name by a colon: the columns that rows are read as, and rows of all versions. A row counted in
-- the versions changed_in <= v < replaced_in; one that stands now has not been replaced.

-- name: rate_columns
-- The fields of a StoredRate, in their order.
id::text AS id,
seller_id::text AS seller_id,
category_id::text AS category_id,
logistics_provider,
commission_type,
rate::text AS rate,
min_amount::text AS min_amount,
max_amount::text AS max_amount,
tiers::text AS tiers,
scope_of_rate(scope, commission_type, by_seller) AS scope,
split::text AS split,
currency,
region,
region_key,
epoch_us(effective_from) AS effective_from_us,
epoch_us(effective_to) AS effective_to_us,
priority,
changed_in;

-- name: rule_columns
id::text,
name,
type,
rule_configuration(type, configuration, respects_min_price)::text AS configuration,
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
changed_in;

-- name: flag_columns
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
changed_in;

-- name: all_rates
(
    SELECT 9223372036854775807 AS replaced_in, now.* FROM commission_rates AS now
    UNION ALL
    SELECT past.* FROM commission_rate_history AS past
) AS standing;

-- name: all_rules
(
    SELECT 9223372036854775807 AS replaced_in, now.* FROM pricing_rules AS now
    UNION ALL
    SELECT past.* FROM pricing_rule_history AS past
) AS standing;

-- name: all_flags
(
    SELECT 9223372036854775807 AS replaced_in, now.* FROM feature_flags AS now
    UNION ALL
    SELECT past.* FROM feature_flag_history AS past
) AS standing;

-- name: all_coupon_uses
(
    SELECT 9223372036854775807 AS replaced_in, now.* FROM coupon_exhaustions AS now
    UNION ALL
    SELECT past.* FROM coupon_exhaustion_history AS past
) AS standing;

-- name: all_budget_spends
(
    SELECT 9223372036854775807 AS replaced_in, now.* FROM budget_exhaustions AS now
    UNION ALL
    SELECT past.* FROM budget_exhaustion_history AS past
) AS standing;
