-- name: page_of_quotes
SELECT quote_id, accepted_at, accepted_by, external_ref, currency, coupon_codes, receipt, data, request
FROM accepted_quotes
WHERE customer_id = $1 AND ($2::timestamptz IS NULL OR (accepted_at, quote_id) > ($2, $3::uuid))
ORDER BY accepted_at, quote_id
LIMIT $4;

-- name: forget_customer
-- The trigger of 0083 takes away the rest of what says whose quote it is.
UPDATE accepted_quotes SET customer_id = NULL
WHERE quote_id = ANY (ARRAY(SELECT quote_id FROM accepted_quotes WHERE customer_id = $1 LIMIT $2))
RETURNING quote_id;
