-- name: customer
SELECT id, external_ref, email, tier, segments, is_active, version, created_by, created_at, changed_by, updated_at, erased_at
FROM customers WHERE id = $1;

-- name: lock_customer
SELECT id, external_ref, email, tier, segments, is_active, version, created_by, created_at, changed_by, updated_at, erased_at
FROM customers WHERE id = $1 FOR UPDATE;

-- name: insert_customer
INSERT INTO customers (
    id, external_ref, email, tier, segments, is_active, created_by, created_at, changed_by, updated_at
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $7, $8);

-- name: update_customer
UPDATE customers SET external_ref = $2, email = $3, tier = $4, segments = $5, is_active = $6, changed_by = $7 WHERE id = $1;

-- name: plan_for_values
-- Filters that are not given fold away when a statement is planned with its values: a plan for all values alike would read
-- every customer.
SELECT set_config('plan_cache_mode', 'force_custom_plan', true);

-- name: page_by_id
SELECT id, external_ref, email, tier, segments, is_active, version, created_by, created_at, changed_by, updated_at, erased_at
FROM customers
WHERE erased_at IS NULL
  AND ($1::text IS NULL OR tier = $1)
  AND ($2::text IS NULL OR segments @> ARRAY[$2])
  AND ($3::boolean IS NULL OR is_active = $3)
  AND ($4::text IS NULL OR external_ref = $4)
  AND ($5::text IS NULL OR lower(email COLLATE "pg_c_utf8") = lower($5 COLLATE "pg_c_utf8"))
  AND ($6::uuid IS NULL OR id > $6)
ORDER BY id
LIMIT $7;

-- name: page_by_update
SELECT id, external_ref, email, tier, segments, is_active, version, created_by, created_at, changed_by, updated_at, erased_at
FROM customers
WHERE erased_at IS NULL
  AND ($1::text IS NULL OR tier = $1)
  AND ($2::text IS NULL OR segments @> ARRAY[$2])
  AND ($3::boolean IS NULL OR is_active = $3)
  AND ($4::text IS NULL OR external_ref = $4)
  AND ($5::text IS NULL OR lower(email COLLATE "pg_c_utf8") = lower($5 COLLATE "pg_c_utf8"))
  AND updated_at > $8
  AND ($9::timestamptz IS NULL OR (updated_at, id) > ($9, $6::uuid))
ORDER BY updated_at, id
LIMIT $7;

-- name: hold_alone
SELECT pg_advisory_xact_lock(customer_lock($1));

-- name: erase_customer
INSERT INTO customers (id, is_active, created_by, created_at, changed_by, updated_at, erased_at)
VALUES ($1, false, $2, $3, $2, $3, $3)
ON CONFLICT (id) DO UPDATE SET
    external_ref = NULL, email = NULL, tier = NULL, segments = '{}', is_active = false, changed_by = $2, erased_at = $3;
