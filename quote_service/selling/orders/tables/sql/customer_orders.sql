-- name: page_of_customer
SELECT id FROM orders WHERE customer_id = $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3;

-- name: forget_customer
UPDATE orders SET placed_by = 'erased' WHERE customer_id = $1 AND placed_by_kind = 'user' AND placed_by = $1::text;
