-- name: is_erased
SELECT EXISTS (SELECT 1 FROM customers WHERE id = $customer_id AND erased_at IS NOT NULL);

-- name: hold_alone
SELECT pg_advisory_xact_lock(customer_lock($customer_id));

-- name: mark_erased
INSERT INTO customers (id, is_active, created_by, created_at, changed_by, updated_at, erased_at)
VALUES ($customer_id, false, $author, $at, $author, $at, $at)
ON CONFLICT (id) DO UPDATE SET
    external_ref = NULL, email = NULL, tier = NULL, segments = '{}', is_active = false, changed_by = $author, erased_at = $at;
