-- name: standing_rules
-- Every version of rules of the types $1 that was switched on and not over at some instant since $2, as far as the version $3
-- of the rulebook goes, with the instants between which it stood so.
SELECT :rule_columns, epoch_us(changed_at) AS since_us, epoch_us(until_at) AS until_us
FROM (
    SELECT standing.*, lead(changed_at) OVER (PARTITION BY id ORDER BY revision) AS until_at
    FROM :all_rules
    WHERE type = ANY ($1::text[]) AND changed_in <= $3
) AS standing
WHERE
    is_active
    AND coalesce(until_at, 'infinity') > $2::timestamptz
    AND coalesce(effective_to, 'infinity') > $2::timestamptz
ORDER BY id, revision;

-- name: standing_spends
-- Versions of the rulebook are instants: what was spent, and between which of them it stood so.
SELECT rule_name, currency, spent_minor, changed_in, replaced_in
FROM :all_budget_spends
WHERE customer_id IS NULL AND replaced_in > $1 AND changed_in <= $2
ORDER BY changed_in;

-- name: standing_flags
SELECT :flag_columns, replaced_in
FROM :all_flags
WHERE replaced_in > $1 AND changed_in <= $2 AND key = ANY ($3::text[])
ORDER BY changed_in;
