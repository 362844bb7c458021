-- name: hold_quotes
SELECT quote_id, customer_id, status, coupon_rules, coupon_codes, reserved_at, held_until, ended_at
FROM hold_quotes($1::uuid[]);

-- name: take_held
-- What they hold is in use from now on.
WITH units AS (
    UPDATE claimed_units SET is_taken = true WHERE quote_id = ANY ($1::uuid[])
), spends AS (
    UPDATE budget_spends SET is_taken = true WHERE quote_id = ANY ($1::uuid[])
)
UPDATE reservations SET status = 'taken', ended_at = clock_timestamp() WHERE quote_id = ANY ($1::uuid[]);
