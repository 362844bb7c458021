-- name: insert_sale
INSERT INTO flash_sales (
    id, name, state, starts_at, ends_at, hold_seconds, created_by, created_at, changed_by, changed_at,
    respects_min_price
) VALUES ($1, $2, 'scheduled', $3, $4, $5, $6, $7, $6, $7, $8);

-- name: insert_items
INSERT INTO flash_sale_items (
    sale_id, product_id, currency, sale_price_minor, list_price_minor, allocated, per_customer_limit, is_open, period
)
SELECT $1, given.product_id, given.currency, given.price, given.list_price, given.allocated, given.per_customer, true,
    tstzrange($2, $3)
FROM unnest($4::uuid[], $5::text[], $6::bigint[], $7::bigint[], $8::integer[], $9::integer[]) WITH ORDINALITY
    AS given (product_id, currency, price, list_price, allocated, per_customer, place)
ORDER BY given.place;

-- name: remove_items
DELETE FROM flash_sale_items WHERE sale_id = $1;

-- name: sale
SELECT id, name, state, starts_at, ends_at, hold_seconds, is_started_by_hand, version, created_by, created_at,
    changed_by, changed_at, respects_min_price
FROM flash_sales WHERE id = $1;

-- name: locked_sale
SELECT id, name, state, starts_at, ends_at, hold_seconds, is_started_by_hand, version, created_by, created_at,
    changed_by, changed_at, respects_min_price
FROM flash_sales WHERE id = $1
-- Whoever changes an item twice in one transaction takes a key share of its sale, and holds the item already.
FOR NO KEY UPDATE;

-- name: sales
SELECT id, name, state, starts_at, ends_at, hold_seconds, is_started_by_hand, version, created_by, created_at,
    changed_by, changed_at, respects_min_price
FROM flash_sales;

-- name: items
SELECT sale_id, product_id, currency, sale_price_minor, list_price_minor, allocated, per_customer_limit
FROM flash_sale_items WHERE sale_id = ANY ($1::uuid[]) ORDER BY id;

-- name: update_sale
UPDATE flash_sales SET name = $2, state = $3, starts_at = $4, ends_at = $5, hold_seconds = $6, is_started_by_hand = $7,
    version = version + 1, changed_by = $8, changed_at = $9, respects_min_price = $10
WHERE id = $1;

-- name: spread_to_items
UPDATE flash_sale_items SET is_open = $2, period = tstzrange($3, $4), revision = revision + 1
WHERE sale_id = $1;

-- name: locked_items
SELECT id, product_id, currency, allocated, sold, epoch, revision, is_drifted
FROM flash_sale_items WHERE sale_id = $1 ORDER BY id;

-- name: lock_items
SELECT pg_advisory_xact_lock(hashtext('flash sale item'), number)
FROM (
    SELECT (id % 2147483647)::integer AS number FROM flash_sale_items WHERE sale_id = $1 ORDER BY 1
) AS items;

-- name: update_item
-- What Redis admits under a limit until it hears of a lower one stays good.
WITH lowered AS (
    INSERT INTO flash_sale_former_limits (item_id, revision, per_customer_limit)
    SELECT id, revision + 1, per_customer_limit FROM flash_sale_items
    WHERE id = $1 AND sold <= $4 AND per_customer_limit > $5 AND epoch > 0
)
UPDATE flash_sale_items
SET sale_price_minor = $2, list_price_minor = $3, allocated = $4, per_customer_limit = $5, revision = revision + 1
WHERE id = $1 AND sold <= $4
RETURNING revision;

-- name: due_sales
SELECT id, CASE WHEN ends_at <= now() THEN 'end' ELSE 'activate' END AS step
FROM flash_sales
WHERE (state = 'scheduled' AND starts_at <= now()) OR (state = 'active' AND ends_at <= now())
ORDER BY ends_at, id
LIMIT 100;

-- name: try_schedule_lock
SELECT pg_try_advisory_xact_lock(hashtext('flash sale schedule'), 0);

-- name: seconds_to_next_step
SELECT extract(epoch FROM min(CASE WHEN state = 'scheduled' THEN starts_at ELSE ends_at END) - clock_timestamp())::float8
FROM flash_sales WHERE state IN ('scheduled', 'active');

-- name: find_clash
SELECT item.product_id, item.sale_id
FROM flash_sale_items item
WHERE item.is_open AND item.sale_id <> $1 AND item.product_id = ANY ($2::uuid[]) AND item.period && tstzrange($3, $4)
ORDER BY item.product_id
LIMIT 1;

-- name: database_now
SELECT clock_timestamp();

-- name: page_of_open_sales
-- A sale whose time is over is not open, though nobody has moved it yet.
SELECT id, name, state, starts_at, ends_at, hold_seconds
FROM flash_sales
WHERE state = ANY ($1::text[]) AND ends_at > clock_timestamp()
    AND ($2::uuid IS NULL OR id = $2)
    AND ($3::uuid IS NULL OR id IN (SELECT sale_id FROM flash_sale_items WHERE product_id = $3))
    AND ($4::uuid IS NULL OR id < $4)
ORDER BY id DESC
LIMIT $5;

-- name: open_items
SELECT item.id, item.sale_id, item.product_id, item.currency, item.sale_price_minor, item.list_price_minor,
    item.per_customer_limit, item.allocated, item.allocated - item.sold AS remaining, coalesce(held.quantity, 0) AS owned
FROM flash_sale_items item
LEFT JOIN flash_sale_customers held ON held.item_id = item.id AND held.customer_id = $2::uuid
WHERE item.sale_id = ANY ($1::uuid[])
ORDER BY item.id;
