-- A row counted in the versions changed_in <= v < replaced_in; one that stands now has not been replaced.

-- name: past_version_is_known
SELECT EXISTS (SELECT FROM rulebook_versions WHERE version = $1);

-- name: past_rates
-- Those that can concern lines of these sellers and categories, whatever their period.
SELECT :rate_columns
FROM :all_rates
WHERE
    changed_in <= $1 AND replaced_in > $1 AND is_active
    AND (seller_id IS NULL OR seller_id = ANY ($2::uuid[]))
    AND (category_id IS NULL OR category_id = ANY ($3::uuid[]))
ORDER BY id;

-- name: past_rules
SELECT :rule_columns
FROM :all_rules
WHERE changed_in <= $1 AND replaced_in > $1
ORDER BY name, version;

-- name: past_flags
SELECT :flag_columns
FROM :all_flags
WHERE changed_in <= $1 AND replaced_in > $1 AND NOT is_archived
ORDER BY key, id;

-- name: past_exhaustions
SELECT rule_name, customer_id::text, uses
FROM :all_coupon_uses
WHERE changed_in <= $1 AND replaced_in > $1 AND (customer_id IS NULL OR customer_id = $2);

-- name: past_budget_spends
SELECT rule_name, currency, customer_id::text, spent_minor
FROM :all_budget_spends
WHERE changed_in <= $1 AND replaced_in > $1 AND (customer_id IS NULL OR customer_id = $2);
