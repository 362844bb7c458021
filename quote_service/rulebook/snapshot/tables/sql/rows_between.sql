-- Rows of all versions from $1 to $2: those that became what they are by $2, and had not been replaced by $1.

-- name: read_versions_at
-- Of each instant the version that counted then, in their order; NULL before the first.
SELECT (SELECT max(version) FROM rulebook_versions WHERE version <= instant)
FROM unnest($1::bigint[]) WITH ORDINALITY AS asked (instant, place)
ORDER BY place;

-- name: read_known_versions_of
SELECT version FROM rulebook_versions WHERE version = ANY ($1::bigint[]);

-- name: rates
-- The three kinds of rates that can concern lines of these sellers and categories, each found by its index.
WITH standing AS (
    SELECT 9223372036854775807 AS replaced_in, rate.* FROM commission_rates AS rate
    WHERE seller_id = ANY ($3::uuid[]) OR (category_id = ANY ($4::uuid[]) AND seller_id IS NULL)
        OR (seller_id IS NULL AND category_id IS NULL)
    UNION ALL
    SELECT past.* FROM commission_rate_history AS past WHERE replaced_in > $1
)
SELECT :rate_columns
FROM standing
WHERE
    changed_in <= $2 AND replaced_in > $1 AND is_active
    AND (seller_id IS NULL OR seller_id = ANY ($3::uuid[]))
    AND (category_id IS NULL OR category_id = ANY ($4::uuid[]))
ORDER BY id, changed_in;

-- name: rates_replaced
-- Until which version each of those rows counted that counts no more.
SELECT id::text, changed_in, replaced_in FROM commission_rate_history
WHERE replaced_in > $1 AND changed_in <= $2;

-- name: rules
SELECT :rule_columns, replaced_in
FROM :all_rules
WHERE changed_in <= $2 AND replaced_in > $1 AND is_active
ORDER BY name, version, changed_in;

-- name: flags
SELECT :flag_columns, replaced_in
FROM :all_flags
WHERE changed_in <= $2 AND replaced_in > $1 AND NOT is_archived
ORDER BY key, id, changed_in;

-- name: coupon_uses
SELECT rule_name, customer_id::text, uses, changed_in, replaced_in
FROM :all_coupon_uses
WHERE changed_in <= $2 AND replaced_in > $1 AND (customer_id IS NULL OR customer_id = ANY ($3::uuid[]));

-- name: budget_spends
SELECT rule_name, currency, customer_id::text, spent_minor, changed_in, replaced_in
FROM :all_budget_spends
WHERE changed_in <= $2 AND replaced_in > $1 AND (customer_id IS NULL OR customer_id = ANY ($3::uuid[]));
