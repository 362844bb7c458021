-- What counted in a version ($1) and has become what it is there since an earlier one ($2; 0 for everything): a row counted in
-- the versions changed_in <= v < replaced_in; one that stands now has not been replaced.

-- name: past_version_exists
SELECT EXISTS (SELECT FROM rulebook_versions WHERE version = $1);

-- name: rates_since
-- Those that end before an instant ($3) are left out.
SELECT :rate_columns
FROM :all_rates
WHERE changed_in > $2 AND changed_in <= $1 AND replaced_in > $1 AND is_active AND (effective_to IS NULL OR effective_to > $3);

-- name: ended_rates_since
SELECT id::text FROM :all_rates WHERE changed_in > $2 AND changed_in <= $1 AND replaced_in > $1 AND NOT is_active;

-- name: rules_since
SELECT :rule_columns
FROM :all_rules
WHERE changed_in > $2 AND changed_in <= $1 AND replaced_in > $1 AND (is_active OR $2 > 0)
ORDER BY name, version;

-- name: flags_since
SELECT :flag_columns
FROM :all_flags
WHERE changed_in > $2 AND changed_in <= $1 AND replaced_in > $1 AND (NOT is_archived OR $2 > 0)
ORDER BY key, id;

-- name: exhaustions_since
SELECT rule_name, customer_id::text, uses FROM :all_coupon_uses
WHERE changed_in > $2 AND changed_in <= $1 AND replaced_in > $1;

-- name: budget_spends_since
SELECT rule_name, currency, customer_id::text, spent_minor FROM :all_budget_spends
WHERE changed_in > $2 AND changed_in <= $1 AND replaced_in > $1;
