-- name: hold_quotes
SELECT
    quote_id, customer_id, status, coupon_rules, coupon_codes, reserved_at, held_until, ended_at,
    held_until <= clock_timestamp() AS is_over
FROM hold_quotes($1::uuid[]);

-- name: take_held
-- What they hold is in use from now on.
WITH units AS (
    UPDATE claimed_units SET is_taken = true WHERE quote_id = ANY ($1::uuid[])
), spends AS (
    UPDATE budget_spends SET is_taken = true WHERE quote_id = ANY ($1::uuid[])
)
UPDATE reservations SET status = 'taken', ended_at = clock_timestamp() WHERE quote_id = ANY ($1::uuid[]);

-- name: hold_customer
-- Shared, as whatever writes about a customer for good: an erasure waits for it, or is over.
SELECT pg_advisory_xact_lock_shared(customer_lock($1));

-- name: hold_reservations_of
SELECT pg_advisory_xact_lock(hashtextextended('reservations of ' || $1::uuid, 0));

-- name: held_by
-- Reservations of a customer but for one, with the units that they hold.
SELECT reservation.quote_id, claimed.item_id, claimed.quantity
FROM reservations AS reservation LEFT JOIN claimed_units AS claimed USING (quote_id)
WHERE
    reservation.customer_id = $1 AND reservation.status = 'held' AND reservation.held_until > clock_timestamp()
    AND reservation.quote_id <> $2;

-- name: insert_reservation
INSERT INTO reservations (quote_id, customer_id, coupon_rules, coupon_codes, reserved_by, held_until)
VALUES (
    $1, CASE WHEN is_erased_customer($2) THEN NULL ELSE $2 END, $3, $4, $5,
    least(clock_timestamp() + make_interval(secs => $6), $7)
)
ON CONFLICT (quote_id) DO UPDATE SET
    customer_id = excluded.customer_id,
    status = 'held',
    coupon_rules = excluded.coupon_rules,
    coupon_codes = excluded.coupon_codes,
    reserved_by = excluded.reserved_by,
    reserved_at = excluded.reserved_at,
    held_until = excluded.held_until,
    ended_at = NULL
RETURNING
    quote_id, customer_id, status, coupon_rules, coupon_codes, reserved_at, held_until, ended_at,
    held_until <= clock_timestamp() AS is_over;

-- name: extend_reservation
UPDATE reservations
SET held_until = greatest(held_until, least(clock_timestamp() + make_interval(secs => $hold.seconds), $hold.ends_at))
WHERE quote_id = $quote_id
RETURNING
    quote_id, customer_id, status, coupon_rules, coupon_codes, reserved_at, held_until, ended_at,
    held_until <= clock_timestamp() AS is_over;

-- name: end_held
-- What they held is held no longer.
WITH units AS (
    DELETE FROM claimed_units WHERE quote_id = ANY ($1::uuid[]) AND NOT is_taken
), spends AS (
    DELETE FROM budget_spends WHERE quote_id = ANY ($1::uuid[]) AND NOT is_taken
)
UPDATE reservations SET status = $2, ended_at = clock_timestamp() WHERE quote_id = ANY ($1::uuid[]);

-- name: read_reservation
SELECT
    quote_id, customer_id, status, coupon_rules, coupon_codes, reserved_at, held_until, ended_at,
    held_until <= clock_timestamp() AS is_over
FROM reservations
WHERE quote_id = $1;

-- name: try_to_sweep
SELECT pg_try_advisory_xact_lock(hashtextextended('sweep of reservations', 0));

-- name: due
SELECT quote_id FROM reservations WHERE status = 'held' AND held_until <= clock_timestamp() ORDER BY held_until LIMIT $1;

-- name: forget_ended
WITH gone AS (
    DELETE FROM reservations
    WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM reservations
        WHERE status <> 'held' AND ended_at < clock_timestamp() - interval '1 day'
        LIMIT $1 FOR UPDATE SKIP LOCKED
    ))
    RETURNING 1
)
SELECT count(*) FROM gone;

-- name: count_held
SELECT count(*) FROM reservations WHERE status = 'held';

-- name: seconds_overdue
SELECT coalesce(greatest(extract(epoch FROM statement_timestamp() - min(held_until)), 0), 0)::float8
FROM reservations WHERE status = 'held';
