-- name: item_columns
item.id, item.sale_id, item.product_id, item.currency, item.sale_price_minor AS price_minor, item.allocated, item.sold,
    item.per_customer_limit AS limit, sale.state,
    CASE WHEN sale.is_started_by_hand THEN 0 ELSE (extract(epoch FROM sale.starts_at) * 1000)::bigint END AS starts_ms,
    (extract(epoch FROM sale.ends_at) * 1000)::bigint AS ends_ms, coalesce(sale.hold_seconds, 0) * 1000 AS hold_ms,
    item.revision, item.epoch, item.is_drifted, item.redis_run_id, item.high_water_ms, item.high_water_seq,
    item.high_number, (
        SELECT bool_or(former.until_epoch IS NULL) FROM flash_sale_former_limits former WHERE former.item_id = item.id
    ) AS is_limit_open, item.retired_at IS NOT NULL AS is_retired;

-- name: items_to_cache
-- With an instant before the snapshot: whatever was committed by then is seen. Where there are no items it stands alone.
SELECT epoch_us(statement_timestamp()) AS at_us, followed.*
FROM (SELECT) AS always LEFT JOIN (SELECT :item_columns FROM :followed_items) AS followed ON true;

-- name: items_of_sale
SELECT :item_columns
FROM flash_sale_items item JOIN flash_sales sale ON sale.id = item.sale_id
WHERE item.sale_id = $1 ORDER BY item.id;

-- name: read_item
SELECT :item_columns
FROM flash_sale_items item JOIN flash_sales sale ON sale.id = item.sale_id
WHERE item.id = $1;

-- name: lock_item
-- An advisory lock, taken before anything of the item is read, takes no part in the row locks of foreign keys.
SELECT pg_advisory_xact_lock(hashtext('flash sale item'), ($1::bigint % 2147483647)::integer);

-- name: note_opened
UPDATE flash_sale_items
SET is_drifted = false, redis_run_id = $3, high_water_ms = $4, high_water_seq = $5, high_number = 0
WHERE id = $1 AND epoch = $2
RETURNING true;

-- name: former_limits
SELECT per_customer_limit, until_epoch, until_number FROM flash_sale_former_limits WHERE item_id = $1;

-- name: close_limits
UPDATE flash_sale_former_limits SET until_epoch = $3, until_number = $4
WHERE item_id = $1 AND revision <= $2 AND until_epoch IS NULL;

-- name: note_drift
UPDATE flash_sale_items SET is_drifted = true WHERE id = $1 AND NOT is_drifted;

-- name: note_retired
UPDATE flash_sale_items SET retired_at = clock_timestamp() WHERE id = $1 AND retired_at IS NULL;

-- name: note_recovery
INSERT INTO flash_sale_recoveries (item_id, epoch, reason, stock_found, stock_set) VALUES ($1, $2, $3, $4, $5);

-- name: try_repair_lock
SELECT pg_try_advisory_xact_lock(hashtext('flash sale repair'), $1::integer);

-- name: raise_sold
UPDATE flash_sale_items
SET sold = sold + $2, high_number = CASE WHEN epoch = $3 THEN greatest(high_number, $4) ELSE high_number END
WHERE id = $1 AND sold + $2 <= allocated
RETURNING true;

-- name: raise_high_water
UPDATE flash_sale_items SET high_water_ms = $2, high_water_seq = $3
WHERE id = $1 AND (high_water_ms, high_water_seq) < ($2, $3);

-- name: lower_sold
UPDATE flash_sale_items SET sold = sold - $2 WHERE id = $1;

-- name: lower_customer
UPDATE flash_sale_customers SET quantity = quantity - $3 WHERE item_id = $1 AND customer_id = $2;

-- name: raise_customers
INSERT INTO flash_sale_customers AS held (item_id, customer_id, quantity)
SELECT $item_id, asked.customer_id, sum(asked.quantity)
FROM unnest($asked.0::uuid[], $asked.1::integer[]) AS asked (customer_id, quantity)
GROUP BY asked.customer_id HAVING sum(asked.quantity) <= $limit
ORDER BY asked.customer_id
ON CONFLICT (item_id, customer_id) DO UPDATE SET quantity = held.quantity + excluded.quantity
    WHERE held.quantity + excluded.quantity <= $limit
RETURNING held.customer_id;

-- name: owned_units
SELECT customer_id, quantity FROM flash_sale_customers WHERE item_id = $1 AND quantity > 0;

-- name: insert_dead_letter
INSERT INTO flash_sale_dead_letters (item_id, entry_id, payload, reason) VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING;

-- name: set_epoch
UPDATE flash_sale_items SET epoch = $2, is_drifted = true WHERE id = $1 AND epoch < $2 RETURNING true;
