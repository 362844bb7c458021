-- What was asked of some products or items ($1) since an instant ($2), that in force then included.

-- name: list_prices
SELECT item_id::text, currency, epoch_us(at), trunc(new_price * 1000000)::text
FROM price_history AS move
WHERE item_id = ANY ($1::uuid[]) AND at >= coalesce(
    (SELECT max(at) FROM price_history AS b WHERE b.item_id = move.item_id AND b.currency = move.currency AND b.at <= $2),
    '-infinity'
)
ORDER BY item_id, currency, at;

-- name: activity
SELECT product_id::text, epoch_us(at), is_active FROM product_activity
WHERE product_id = ANY ($1::uuid[])
ORDER BY product_id, at;

-- name: sales
-- One that was called off before its start was never on, nor was one asked for before it was written.
SELECT
    item.id,
    sale.id::text AS sale_id,
    item.product_id::text AS product_id,
    item.currency,
    item.sale_price_minor,
    epoch_us(greatest(sale.starts_at, sale.created_at)) AS starts_us,
    epoch_us(sale.ends_at) AS ends_us,
    ARRAY(SELECT sale_price_minor FROM flash_sale_former_prices WHERE item_id = item.id ORDER BY until_at) AS former_minor,
    ARRAY(SELECT epoch_us(until_at) FROM flash_sale_former_prices WHERE item_id = item.id ORDER BY until_at) AS former_us
FROM flash_sale_items AS item
JOIN flash_sales AS sale ON sale.id = item.sale_id
WHERE item.product_id = ANY ($1::uuid[])
    AND sale.ends_at > $2
    AND NOT (sale.state = 'cancelled' AND sale.ends_at > sale.changed_at)
ORDER BY starts_us;

-- name: stock
-- Only where it came to lie between others of some figures ($3).
SELECT item_id::text, epoch_us(at), units
FROM (
    SELECT id, item_id, at, quantity - reserved AS units,
        width_bucket(quantity - reserved, $3::integer[]) AS band,
        lag(width_bucket(quantity - reserved, $3::integer[])) OVER (PARTITION BY item_id ORDER BY id) AS band_before
    FROM inventory_movements AS move
    WHERE product_id = ANY ($1::uuid[]) AND at >= coalesce(
        (
            SELECT max(at) FROM inventory_movements AS b
            WHERE b.product_id = move.product_id AND b.item_id = move.item_id AND b.at <= $2
        ),
        '-infinity'
    )
) AS moved
WHERE band_before IS DISTINCT FROM band
ORDER BY item_id, id;
