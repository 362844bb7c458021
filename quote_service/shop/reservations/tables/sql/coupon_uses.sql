-- name: count_uses
-- In one order, waiting for whoever counts the same. With 0 it holds a count as it is.
INSERT INTO coupon_usage AS counter (rule_name, customer_id, uses)
SELECT rule_name, customer_id, uses
FROM unnest($1::text[], $2::uuid[], $3::bigint[]) AS more (rule_name, customer_id, uses)
ORDER BY rule_name, customer_id NULLS FIRST
ON CONFLICT ON CONSTRAINT coupon_usage_counter DO UPDATE SET uses = counter.uses + excluded.uses
RETURNING rule_name, customer_id, uses;

-- name: uncount_uses
-- Of counts that are held. Each kind by the index: "is not distinct" has none.
WITH fewer AS (
    SELECT rule_name, customer_id, uses
    FROM unnest($1::text[], $2::uuid[], $3::bigint[]) AS given (rule_name, customer_id, uses)
), of_all AS (
    UPDATE coupon_usage AS counter SET uses = counter.uses - fewer.uses FROM fewer
    WHERE counter.rule_name = fewer.rule_name AND fewer.customer_id IS NULL AND counter.customer_id IS NULL
)
UPDATE coupon_usage AS counter SET uses = counter.uses - fewer.uses FROM fewer
WHERE counter.rule_name = fewer.rule_name AND counter.customer_id = fewer.customer_id;

-- name: record_uses
-- Whose it is says the customer as of now: nobody's, of a customer who has been erased meanwhile.
INSERT INTO coupon_uses (quote_id, rule_name, code, customer_id, used_at)
SELECT quote_id, rule_name, code, CASE WHEN is_erased_customer(customer_id) THEN NULL ELSE customer_id END, $5
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[]) AS used (quote_id, rule_name, code, customer_id);

-- name: return_uses
UPDATE coupon_uses SET given_back_at = $2 WHERE quote_id = ANY ($1::uuid[]) AND given_back_at IS NULL;

-- name: uses_of_quotes
SELECT rule_name, customer_id FROM coupon_uses WHERE quote_id = ANY ($1::uuid[]) AND given_back_at IS NULL;

-- name: record_exhaustions
INSERT INTO coupon_exhaustions (rule_name, customer_id, uses)
SELECT rule_name, customer_id, uses
FROM unnest($1::text[], $2::uuid[], $3::bigint[]) AS recorded (rule_name, customer_id, uses)
ON CONFLICT ON CONSTRAINT coupon_exhaustions_counter DO UPDATE SET uses = excluded.uses
WHERE coupon_exhaustions.uses <> excluded.uses;

-- name: correct_exhaustions
-- What has been told, and is not so any more. The rulebook is held, so that nothing is told in between.
WITH counted AS (
    SELECT rule_name, customer_id, uses
    FROM unnest($1::text[], $2::uuid[], $3::bigint[]) AS given (rule_name, customer_id, uses)
), of_all AS (
    UPDATE coupon_exhaustions AS recorded SET uses = counted.uses FROM counted
    WHERE recorded.rule_name = counted.rule_name AND counted.customer_id IS NULL AND recorded.customer_id IS NULL
        AND recorded.uses <> counted.uses
)
UPDATE coupon_exhaustions AS recorded SET uses = counted.uses FROM counted
WHERE recorded.rule_name = counted.rule_name AND recorded.customer_id = counted.customer_id AND recorded.uses <> counted.uses;

-- name: counts_and_recorded
-- Nothing is held. Each kind by the index: "is not distinct" has none.
WITH wanted AS (
    SELECT rule_name, customer_id FROM unnest($1::text[], $2::uuid[]) AS given (rule_name, customer_id)
)
SELECT counter.rule_name, counter.customer_id, counter.uses, recorded.uses AS recorded
FROM wanted
JOIN coupon_usage AS counter USING (rule_name, customer_id)
LEFT JOIN coupon_exhaustions AS recorded USING (rule_name, customer_id)
UNION ALL
SELECT counter.rule_name, counter.customer_id, counter.uses, recorded.uses
FROM wanted
JOIN coupon_usage AS counter ON counter.rule_name = wanted.rule_name AND counter.customer_id IS NULL
LEFT JOIN coupon_exhaustions AS recorded ON recorded.rule_name = wanted.rule_name AND recorded.customer_id IS NULL
WHERE wanted.customer_id IS NULL;

-- name: uses_by_quote
SELECT quote_id, rule_name, code, used_at, given_back_at FROM coupon_uses WHERE quote_id = ANY ($1::uuid[]) ORDER BY quote_id, rule_name;

-- name: forget_users
UPDATE coupon_uses SET customer_id = NULL WHERE quote_id = ANY ($1::uuid[]);
