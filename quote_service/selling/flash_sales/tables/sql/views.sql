-- name: add_views
-- An item that is gone was of a sale that has not begun.
INSERT INTO flash_sale_views (item_id, minute, views)
SELECT given.item_id, to_timestamp(given.minute * 60), given.views
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS given (item_id, minute, views)
JOIN flash_sale_items item ON item.id = given.item_id
-- In one order, or two processes could wait for each other.
ORDER BY given.item_id, given.minute
ON CONFLICT (item_id, minute) DO UPDATE SET views = flash_sale_views.views + EXCLUDED.views;
