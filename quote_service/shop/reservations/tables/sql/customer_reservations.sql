-- name: page_of_customer_reservations
SELECT quote_id, status, coupon_codes, reserved_by, reserved_at, held_until
FROM reservations
WHERE customer_id = $1 AND ($2::uuid IS NULL OR quote_id > $2)
ORDER BY quote_id
LIMIT $3;

-- name: forget_customer
WITH spends AS (
    UPDATE budget_spends SET customer_id = NULL WHERE customer_id = $1
)
UPDATE reservations
SET customer_id = NULL, reserved_by = CASE WHEN reserved_by = $1::uuid::text THEN 'erased' ELSE reserved_by END
WHERE customer_id = $1;
