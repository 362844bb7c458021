-- name: hold_items
-- By id, as everybody locks several; a row of version 0 stands for no stock being kept.
SELECT item_id, product_id, quantity, reserved, is_dynamic, low_threshold, high_threshold
FROM inventory
WHERE item_id = ANY ($1::uuid[]) AND version > 0
ORDER BY item_id
FOR NO KEY UPDATE;

-- name: hold_products
SELECT id FROM products WHERE id = ANY ($1::uuid[]) ORDER BY id FOR NO KEY UPDATE;

-- name: move_units
WITH given AS MATERIALIZED (
    SELECT
        set_config('quote_service.stock_actor', $4, true) AS actor,
        set_config('quote_service.stock_reason', $5, true) AS reason
)
UPDATE inventory AS item SET quantity = item.quantity + move.quantity, reserved = item.reserved + move.reserved
FROM given, unnest($1::uuid[], $2::integer[], $3::integer[]) AS move (item_id, quantity, reserved)
WHERE item.item_id = move.item_id AND given.actor IS NOT NULL AND given.reason IS NOT NULL;
