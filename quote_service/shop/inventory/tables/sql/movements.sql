-- name: movements
SELECT id, product_id, variant_id, delta, reserved_delta, quantity, reserved, reason, actor, at
FROM inventory_movements;
