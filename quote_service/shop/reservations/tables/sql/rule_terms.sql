-- name: terms
-- What limits anything of the rules that these versions belong to: of these versions, and of all that may count. Members may
-- stand within `value`, which then goes first (normalised_configuration).
SELECT
    rule.id AS rule_id,
    rule.name AS rule_name,
    rule.is_active,
    rule.currency,
    CASE WHEN rule.type = 'COUPON' THEN coalesce(inner_value ->> 'code', configuration ->> 'code') END AS code,
    coalesce(inner_value ->> 'usage_limit', configuration ->> 'usage_limit')::bigint AS usage_limit,
    coalesce(inner_value ->> 'usage_limit_per_customer', configuration ->> 'usage_limit_per_customer')::bigint
        AS usage_limit_per_customer,
    coalesce(inner_value ->> 'budget', configuration ->> 'budget') AS budget,
    coalesce(inner_value ->> 'budget_per_customer', configuration ->> 'budget_per_customer') AS budget_per_customer
FROM pricing_rules AS rule CROSS JOIN LATERAL (SELECT rule.configuration -> 'value') AS nested (inner_value)
WHERE
    rule.name IN (SELECT name FROM pricing_rules WHERE id = ANY ($1::uuid[]))
    AND (rule.is_active OR rule.id = ANY ($1::uuid[]))
    AND (
        rule.type = 'COUPON'
        OR rule.type = 'PROMOTION' AND coalesce(
            inner_value ->> 'budget', configuration ->> 'budget',
            inner_value ->> 'budget_per_customer', configuration ->> 'budget_per_customer'
        ) IS NOT NULL
    )
ORDER BY rule.name, rule.version;
