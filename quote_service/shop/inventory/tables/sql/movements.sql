-- name: page_of_movements
SELECT id, variant_id, delta, reserved_delta, quantity, reserved, reason, actor, at
FROM inventory_movements
WHERE product_id = $1 AND ($2::uuid IS NULL OR variant_id = $2) AND ($3::bigint IS NULL OR id < $3)
ORDER BY id DESC
LIMIT $4;
