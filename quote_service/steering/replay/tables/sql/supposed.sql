-- What is supposed to be left out or to cost something else, as the database knows it: whether it is there, and from when until when
-- it counted. What counts from one side of a gap to the other is taken to count throughout.

-- name: rules
-- By name, or by the id of a version; a version that a higher one hides for good has ended when that began.
WITH wanted AS (
    SELECT given, CASE WHEN given ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN given::uuid END AS id
    FROM unnest($1::text[]) AS named (given)
), counted AS (
    SELECT wanted.given, rule.id, greatest(rule.created_at, rule.effective_from) AS begins, least(
        coalesce(rule.effective_to, 'infinity'), CASE WHEN rule.is_active THEN 'infinity' ELSE rule.changed_at END, (
            SELECT min(greatest(higher.created_at, higher.effective_from)) FROM pricing_rules AS higher
            WHERE higher.name = rule.name AND higher.version > rule.version AND higher.is_active
                AND coalesce(higher.effective_to, 'infinity') >= coalesce(rule.effective_to, 'infinity')
        )
    ) AS ends
    FROM wanted CROSS JOIN LATERAL (
        SELECT * FROM pricing_rules WHERE name = wanted.given
        UNION ALL
        SELECT * FROM pricing_rules WHERE id = wanted.id AND name <> wanted.given
    ) AS rule
)
SELECT given, min(begins) FILTER (WHERE begins < ends), nullif(max(ends) FILTER (WHERE begins < ends), 'infinity')
FROM counted GROUP BY given;

-- name: types
-- All versions of a name have one.
SELECT DISTINCT name, type FROM pricing_rules WHERE name = ANY ($1::text[]);

-- name: rates
WITH versions AS (
    SELECT id, version, is_active, changed_at, effective_from, effective_to FROM commission_rates WHERE id = ANY ($1::uuid[])
    UNION ALL
    SELECT id, version, is_active, changed_at, effective_from, effective_to FROM commission_rate_history
    WHERE id = ANY ($1::uuid[])
), counted AS (
    SELECT id, is_active, greatest(changed_at, effective_from) AS begins, least(
        coalesce(effective_to, 'infinity'),
        lead(changed_at, 1, 'infinity') OVER (PARTITION BY id ORDER BY version)
    ) AS ends
    FROM versions
)
SELECT id::text, min(begins) FILTER (WHERE is_active AND begins < ends),
    nullif(max(ends) FILTER (WHERE is_active AND begins < ends), 'infinity')
FROM counted GROUP BY id;

-- name: flags
-- A flag that is switched off, archived or rolled back says nothing.
WITH versions AS (
    SELECT id, key, version, is_enabled AND NOT is_archived AND state = 'ACTIVE' AS is_on, changed_at FROM feature_flags
    WHERE key = ANY ($1::text[])
    UNION ALL
    SELECT id, key, version, is_enabled AND NOT is_archived AND state = 'ACTIVE', changed_at FROM feature_flag_history
    WHERE id IN (SELECT id FROM feature_flags WHERE key = ANY ($1::text[]))
), counted AS (
    SELECT key, is_on, changed_at AS begins, lead(changed_at, 1, 'infinity') OVER (PARTITION BY id ORDER BY version) AS ends
    FROM versions
)
SELECT key, min(begins) FILTER (WHERE is_on AND begins < ends), nullif(max(ends) FILTER (WHERE is_on AND begins < ends), 'infinity')
FROM counted GROUP BY key;

-- name: prices
-- A variant without a price of its own costs what its product does.
SELECT product.id IS NOT NULL AS is_product, wanted.variant_id IS NULL OR variant.id IS NOT NULL AS is_item,
    product.is_active AND (wanted.variant_id IS NULL OR variant.place IS NOT NULL) AS is_sold,
    EXISTS (SELECT FROM product_prices WHERE item_id = product.id AND currency = wanted.currency) AS has_price,
    EXISTS (SELECT FROM price_history WHERE item_id = product.id AND currency = wanted.currency) AS had_price
FROM unnest($1::uuid[], $2::uuid[], $3::text[]) WITH ORDINALITY AS wanted (product_id, variant_id, currency, place)
LEFT JOIN products AS product ON product.id = wanted.product_id
LEFT JOIN product_variants AS variant ON variant.id = wanted.variant_id AND variant.product_id = product.id
ORDER BY wanted.place;
