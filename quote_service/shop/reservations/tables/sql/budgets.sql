-- name: count_spends
-- In one order, waiting for whoever counts the same. With 0 it holds a sum as it is.
INSERT INTO budget_counters AS counter (rule_name, currency, customer_id, spent_minor)
SELECT rule_name, currency, customer_id, spent_minor
FROM unnest($1::text[], $2::text[], $3::uuid[], $4::bigint[]) AS more (rule_name, currency, customer_id, spent_minor)
ORDER BY rule_name, currency, customer_id NULLS FIRST
ON CONFLICT ON CONSTRAINT budget_counters_counter DO UPDATE SET spent_minor = counter.spent_minor + excluded.spent_minor
RETURNING rule_name, currency, customer_id, spent_minor;

-- name: uncount_spends
-- Of sums that are held. Each kind by the index: "is not distinct" has none.
WITH fewer AS (
    SELECT rule_name, currency, customer_id, spent_minor
    FROM unnest($1::text[], $2::text[], $3::uuid[], $4::bigint[]) AS given (rule_name, currency, customer_id, spent_minor)
), of_all AS (
    UPDATE budget_counters AS counter SET spent_minor = counter.spent_minor - fewer.spent_minor FROM fewer
    WHERE counter.rule_name = fewer.rule_name AND counter.currency = fewer.currency
        AND fewer.customer_id IS NULL AND counter.customer_id IS NULL
)
UPDATE budget_counters AS counter SET spent_minor = counter.spent_minor - fewer.spent_minor FROM fewer
WHERE counter.rule_name = fewer.rule_name AND counter.currency = fewer.currency
    AND counter.customer_id = fewer.customer_id;

-- name: insert_spends
INSERT INTO budget_spends (quote_id, rule_id, rule_name, currency, customer_id, amount_minor, is_taken)
SELECT
    quote_id, rule_id, rule_name, currency,
    CASE WHEN is_erased_customer(customer_id) THEN NULL ELSE customer_id END, amount_minor, $7
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::bigint[])
    AS spend (quote_id, rule_id, rule_name, currency, customer_id, amount_minor);

-- name: spends_of_quotes
SELECT quote_id, rule_id, rule_name, currency, customer_id, amount_minor - given_back_minor AS amount_minor
FROM budget_spends
WHERE quote_id = ANY ($1::uuid[]) AND is_taken = $2 AND given_back_minor < amount_minor;

-- name: return_spends
UPDATE budget_spends AS spend SET given_back_minor = spend.given_back_minor + back.amount_minor
FROM unnest($spends.quote_id::uuid[], $spends.rule_id::uuid[], $spends.amount_minor::bigint[]) AS back (quote_id, rule_id, amount_minor)
WHERE spend.quote_id = back.quote_id AND spend.rule_id = back.rule_id;

-- name: record_exhaustions
INSERT INTO budget_exhaustions (rule_name, currency, customer_id, spent_minor)
SELECT rule_name, currency, customer_id, spent_minor
FROM unnest($1::text[], $2::text[], $3::uuid[], $4::bigint[]) AS recorded (rule_name, currency, customer_id, spent_minor)
ON CONFLICT ON CONSTRAINT budget_exhaustions_counter DO UPDATE SET spent_minor = excluded.spent_minor
WHERE budget_exhaustions.spent_minor <> excluded.spent_minor;

-- name: correct_exhaustions
-- What has been told, and is not so any more. The rulebook is held, so that nothing is told in between.
WITH counted AS (
    SELECT rule_name, currency, customer_id, spent_minor
    FROM unnest($1::text[], $2::text[], $3::uuid[], $4::bigint[]) AS given (rule_name, currency, customer_id, spent_minor)
), of_all AS (
    UPDATE budget_exhaustions AS recorded SET spent_minor = counted.spent_minor FROM counted
    WHERE recorded.rule_name = counted.rule_name AND recorded.currency = counted.currency
        AND counted.customer_id IS NULL AND recorded.customer_id IS NULL AND recorded.spent_minor <> counted.spent_minor
)
UPDATE budget_exhaustions AS recorded SET spent_minor = counted.spent_minor FROM counted
WHERE recorded.rule_name = counted.rule_name AND recorded.currency = counted.currency
    AND recorded.customer_id = counted.customer_id AND recorded.spent_minor <> counted.spent_minor;

-- name: hold_rulebook
SELECT version FROM rulebook_state FOR UPDATE;

-- name: sums_and_recorded
-- Nothing is held. Each kind by the index: "is not distinct" has none.
WITH wanted AS (
    SELECT rule_name, currency, customer_id
    FROM unnest($1::text[], $2::text[], $3::uuid[]) AS given (rule_name, currency, customer_id)
)
SELECT counter.rule_name, counter.currency, counter.customer_id, counter.spent_minor, recorded.spent_minor AS recorded_minor
FROM wanted
JOIN budget_counters AS counter USING (rule_name, currency, customer_id)
LEFT JOIN budget_exhaustions AS recorded USING (rule_name, currency, customer_id)
UNION ALL
SELECT counter.rule_name, counter.currency, counter.customer_id, counter.spent_minor, recorded.spent_minor
FROM wanted
JOIN budget_counters AS counter
    ON counter.rule_name = wanted.rule_name AND counter.currency = wanted.currency AND counter.customer_id IS NULL
LEFT JOIN budget_exhaustions AS recorded
    ON recorded.rule_name = wanted.rule_name AND recorded.currency = wanted.currency AND recorded.customer_id IS NULL
WHERE wanted.customer_id IS NULL;
